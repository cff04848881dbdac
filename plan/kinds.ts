import type { Requirement } from "./requirement";

export { directory, file, mergedFile, writtenByNodeprep, type FileOptions, type Ownership } from "./files";
export { firstConfig, links } from "./cni-kinds";
export { user, type UserOptions } from "./user";

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

/**
 * What `runtime` leaves behind when it stops (containers, their mounts, bridges, packet filter rules) goes with it; what
 * was there before stays. Nothing differs as long as it runs.
 *
 * @param runtime the runtime's name in `toolkit/runtime-<name>.sh`
 * @param options.first only the running service can take them away: before it is undone. Stated after the service.
 */
export const leftovers = (runtime: string, options: { readonly first?: true } = {}): Requirement => ({
  kind: "leftovers",
  key: runtime,
  value: `removed by undo${options.first ? " before its service" : ""}`,
});

/** Package `name` is installed. */
export const pkg = (
  name: string,
  options: {
    /** Exact version; any installed one satisfies the requirement without it. */
    readonly version?: string | undefined;
    /** Keep the package manager from changing the version. */
    readonly hold?: boolean;
    /** Units that must not start while the package is being installed. */
    readonly quietUnits?: readonly string[];
    /** Commands one of which is enough: where it is there, whoever brought it, the package need not be. */
    readonly unless?: readonly string[];
    /**
     * The first transaction of a node's first update may bring it already, in whatever stage that is. For packages of
     * the distribution before which nothing of their own stage has to be there.
     */
    readonly early?: boolean;
  } = {},
): Requirement => ({
  kind: "package",
  key: name,
  value: [
    `version=${options.version ?? "any"}`,
    ...(options.hold ? ["hold"] : []),
    ...(options.quietUnits?.length ? [`quiet=${options.quietUnits.join(",")}`] : []),
    ...(options.unless?.length ? [`unless=${options.unless.join(",")}`] : []),
  ].join(" "),
  ...(options.early ? { early: true } : {}),
});

/** What a service may ask for besides running. Names are `kind:key`, of the same stage. */
export interface ServiceOptions {
  /** Whether it must run now. Default: always. A service that something else starts is enabled alone. */
  readonly runs?: "always" | "when something starts it";
  /** It is restarted when one of these has changed. */
  readonly restartAfter?: readonly string[];
  /** Its configuration is reloaded when one of these has changed, where nothing asks for a restart. */
  readonly reloadAfter?: readonly string[];
  /** Path of the socket that it, a socket unit, must hold. */
  readonly listens?: string;
  /** Tables of nftables that it makes, as `family/name`: it is restarted when one of them is gone. */
  readonly tables?: readonly string[];
}

/** systemd unit `unit` is enabled and, unless `options.runs` says otherwise, active, and has read what it depends on since that last changed. */
export const service = (unit: string, options: ServiceOptions = {}): Requirement => ({
  kind: "service",
  key: unit,
  value: [
    options.runs === "when something starts it" ? "enabled" : "enabled active",
    ...(options.restartAfter?.length ? [`restart-after=${options.restartAfter.join(",")}`] : []),
    ...(options.reloadAfter?.length ? [`reload-after=${options.reloadAfter.join(",")}`] : []),
    ...(options.listens === undefined ? [] : [`listens=${options.listens}`]),
    ...(options.tables?.length ? [`tables=${options.tables.join(",")}`] : []),
  ].join(" "),
});

/** The names of what a service is restarted (or reloaded) after; none for requirements of other kinds. */
export function followed({ kind, value }: Requirement, how: "restart" | "reload"): readonly string[] {
  const begin = `${how}-after=`;
  const found = kind === "service" ? value.split(" ").find((word) => word.startsWith(begin)) : undefined;
  return found === undefined ? [] : found.slice(begin.length).split(",");
}
