import type { Requirement } from "./requirement";

/** Kernel module `name` is loaded. That it is loaded at boot too is a file's matter. */
export const kernelModule = (name: string): Requirement => ({ kind: "module", key: name, value: "loaded" });

/**
 * Sysctl `key` has `value`, now and at boot, over every other sysctl file in systemd-sysctl's order.
 * With `atLeast`, a larger value is left alone.
 */
export const sysctl = (
  key: string,
  value: string,
  options: { readonly atLeast?: boolean } = {},
): Requirement => ({
  kind: "sysctl",
  key,
  value: `${options.atLeast ? ">=" : "="} ${value}`,
});

/** How a file or directory is to be: `mode` in octal digits, `owner` as `user:group`. */
export interface Ownership {
  /** Default `0644` for files, `0755` for directories. */
  readonly mode?: string;
  /** Default `root:root`. */
  readonly owner?: string;
}

/**
 * File `path` has exactly this content, mode and owner. `basedOn` is the SHA-256 of the user's file that was
 * merged into the content (`absent` where there was none): apply refuses when the file is another by then.
 */
export const file = (
  path: string,
  content: string,
  options: Ownership & { readonly basedOn?: string } = {},
): Requirement => ({
  kind: "file",
  key: path,
  value: `mode=${options.mode ?? "0644"} owner=${options.owner ?? "root:root"}${options.basedOn ? ` based-on=${options.basedOn}` : ""}`,
  body: content.replace(/\n$/, ""),
});

/** Directory `path` exists with this mode and owner. */
export const directory = (path: string, options: Ownership = {}): Requirement => ({
  kind: "directory",
  key: path,
  value: `mode=${options.mode ?? "0755"} owner=${options.owner ?? "root:root"}`,
});

/** No line of fstab brings swap back at boot. */
export const fstabWithoutSwap = (): Requirement => ({
  kind: "fstab",
  key: "/etc/fstab",
  value: "without swap",
});

/** No swap is active, and no unit, GPT partition or zram generator brings it back. */
export const noActiveSwap = (): Requirement => ({ kind: "swap", key: "all", value: "off" });

/** SELinux is in this mode, running and configured; a system without SELinux satisfies it. */
export const selinuxMode = (mode: "permissive" | "enforcing"): Requirement => ({
  kind: "selinux",
  key: "mode",
  value: mode,
});

/** Package `name` is installed. */
export const pkg = (
  name: string,
  options: {
    /** Exact version; any installed one satisfies the requirement without it. */
    readonly version?: string;
    /** Keep the package manager from changing the version. */
    readonly hold?: boolean;
    /** Units that must not start while the package is being installed. */
    readonly quietUnits?: readonly string[];
  } = {},
): Requirement => ({
  kind: "package",
  key: name,
  value: [
    `version=${options.version ?? "any"}`,
    ...(options.hold ? ["hold"] : []),
    ...(options.quietUnits?.length ? [`quiet=${options.quietUnits.join(",")}`] : []),
  ].join(" "),
});

/**
 * systemd unit `unit` is enabled and active, and was restarted after the requirements named by `restartAfter`
 * (`kind:key`, of the same stage) last changed.
 */
export const service = (
  unit: string,
  options: { readonly restartAfter?: readonly string[] } = {},
): Requirement => ({
  kind: "service",
  key: unit,
  value: `enabled active${options.restartAfter?.length ? ` restart-after=${options.restartAfter.join(",")}` : ""}`,
});

/** Account `name`, with a locked password and exactly these authorized keys of ours. */
export const user = (
  name: string,
  options: { readonly authorizedKeys: readonly string[]; readonly sudo: boolean; readonly shell?: string },
): Requirement => ({
  kind: "user",
  key: name,
  value: `shell=${options.shell ?? "/bin/bash"} sudo=${options.sudo ? "yes" : "no"} password=locked`,
  body: options.authorizedKeys.join("\n"),
});
