import { parse } from "smol-toml";
import { isMapping, type Mapping } from "../../config/mapping";
import type { Facts } from "../../plan/facts";
import { writtenByNodeprep } from "../../plan/kinds";
import { cniBinDir, cniConfDir } from "./cni";
import type { ContainerRuntimeArgs } from "./types";

/** What containerd reads, and nodeprep writes as a whole. */
export const containerdConfigPath = "/etc/containerd/config.toml";

/** Settings with which a containerd finds its containers; with others it knows none of those that run. */
const places: Readonly<Record<string, string>> = {
  root: "/var/lib/containerd",
  state: "/run/containerd",
  "grpc.address": "/run/containerd/containerd.sock",
};

/** Settings that change what Pods can do, and values of them with which nothing is lost. */
const telling: readonly (readonly [path: RegExp, harmless: readonly unknown[]])[] = [
  [/^imports$/, [[]]],
  [/^proxy_plugins\./, []],
  [/\.snapshotter$/, ["", "overlayfs"]],
  [/\.default_runtime_name$/, ["", "runc"]],
  [/\.containerd\.runtimes\.(?!runc\.)[^.]+\.runtime_type$/, []],
  [/\.runtimes\.runc\.options\.BinaryName$/, ["", "runc", "/usr/bin/runc", "/usr/local/bin/runc"]],
  [/\.registry\.config_path$/, ["", "/etc/containerd/certs.d"]],
  [/\.registry\.(mirrors|configs|auths|headers)\./, []],
  [/\.cni\.bin_dirs?$/, ["", cniBinDir, [cniBinDir]]],
  [/\.cni\.conf_dir$/, ["", cniConfDir]],
  [/\.enable_selinux$/, [false]],
];

/** The settings of a containerd configuration that was found; none where it is nodeprep's, or no TOML. */
function foundSettings({ files }: Pick<Facts, "files">): ReturnType<typeof settings> {
  const text = files[containerdConfigPath]?.content;
  return text === undefined || text.startsWith(writtenByNodeprep) ? [] : settings(tableOf(text));
}

/** The same folder may be written in other ways. */
const plainPath = (value: unknown): string =>
  String(value)
    .replace(/^\/var\/run\//, "/run/")
    .replace(/\/+$/, "");

function isHarmless(path: string, value: unknown): boolean {
  const known = telling.find(([pattern]) => pattern.test(path));
  return known === undefined || known[1].some((one) => JSON.stringify(one) === JSON.stringify(value));
}

/** Without the plugin that it is of, whose name differs between versions, and without what is behind a registry's name. */
const nameOf = (path: string): string =>
  path
    .replace(/^plugins\.(io\.containerd\.\w+\.v\d+\.)?[\w-]+\./, "")
    .replace(/^(registry\.(?:mirrors|configs|auths|headers))\..*/, "$1")
    .replace(/^(proxy_plugins)\..*/, "$1");

function tableOf(text: string): Mapping {
  try {
    return parse(text);
  } catch {
    return {};
  }
}

/** Every setting with its path, tables taken apart. */
const settings = (table: Mapping, before = ""): readonly (readonly [path: string, value: unknown])[] =>
  Object.entries(table).flatMap(([name, value]) =>
    isMapping(value) ? settings(value, `${before}${name}.`) : [[`${before}${name}`, value] as const],
  );

/** Where a unit is that is no package's. */
export const containerdUnitPath = "/etc/systemd/system/containerd.service";

/** Says that the package would bring a containerd that nobody runs: the machine's own unit runs another one. */
export function otherProgram({ source }: ContainerRuntimeArgs, { files }: Facts): readonly string[] {
  const program = /^ExecStart=[-@:+!]*(\/\S+)/m.exec(files[containerdUnitPath]?.content ?? "")?.[1];
  if (source === "release" || program === undefined || program === "/usr/bin/containerd") return [];
  return [
    `its containerd.service (${containerdUnitPath}) runs ${program}, which no package has brought: with runtime.source: ` +
      `${source} a second containerd is installed that nothing runs. Use runtime.source: release, or take that unit away first`,
  ];
}

/** Says what a configuration loses that is about to be replaced: names of settings, never values, which may be passwords. */
export function lostSettings(facts: Facts, differing: readonly string[]): readonly string[] {
  if (!differing.includes(`file:${containerdConfigPath}`)) return [];
  const lost = foundSettings(facts).flatMap(([path, value]) =>
    isHarmless(path, value) ? [] : [nameOf(path)],
  );
  if (lost.length === 0) return [];
  return [
    `its ${containerdConfigPath} has settings that nodeprep's has not, and an update replaces the file: ${[...new Set(lost)].sort().join(", ")}. ` +
      "Pods that need them fail when they start anew. Mirrors of registries belong to runtime.registryMirrors; for the rest " +
      "nodeprep has no setting",
  ];
}

/**
 * Refuses to move the folders of a containerd while its containers run: it would know none of them any more.
 *
 * @throws Error with what was found and the remedy
 */
export function refuseOtherPlaces(facts: Facts): void {
  if ((facts.pods?.containers ?? 0) === 0) return;
  const moved = foundSettings(facts).flatMap(([path, value]) =>
    Object.hasOwn(places, path) && value !== "" && plainPath(value) !== places[path]
      ? [`${path} = ${JSON.stringify(value)}`]
      : [],
  );
  if (moved.length === 0) return;
  throw new Error(
    `the machine's ${containerdConfigPath} has ${moved.join(", ")}, nodeprep's has the usual places, and containers run: after ` +
      "the restart containerd would know none of them. Drain the node, end what stays (systemctl stop kubelet; crictl rmp --all " +
      `--force), and mount the folder at its usual place (root: ${places["root"] ?? ""}); then run again`,
  );
}
