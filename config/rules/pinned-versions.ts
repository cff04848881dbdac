import type { Path } from "../errors";
import { isBroken, type Context } from "../findings";
import type { ClusterConfig, Draft } from "../schema";
import { needsOf, usesCriDockerd, usualType } from "../schema/runtime-types";

type Cluster = Draft<ClusterConfig>;

/** A version that the configuration names, and where it stands. */
interface Pinned {
  readonly path: Path;
  readonly program: string;
  readonly version: string;
}

/** The versions that the configuration names of the runtime's programs: that they are there, and may be run. */
export function checkPinnedVersions(cluster: Cluster, source: string | undefined, context: Context): void {
  if (source === undefined) return;
  checkNamed(cluster, source, context);
  checkAllowed(cluster, source, context);
}

/** What must be named where there is nothing to be taken for granted. */
function checkNamed({ runtime }: Cluster, source: string, context: Context): void {
  const { type = usualType, version } = runtime ?? {};
  const path = ["runtime", "version"];
  const reason = needsOf(type).version?.[source];
  if (reason === undefined || version !== undefined || isBroken(context, path)) return;
  context.problems.push({
    path,
    allowed: `is missing, must be named with runtime.type ${type}${reason}`,
    remedy: "take the version of its package from the repository",
  });
}

/** What only the node tells, the version that it has or would install, is checked when it is planned. */
function checkAllowed(cluster: Cluster, source: string, { sources, problems }: Context): void {
  const { kubernetesVersion } = cluster;
  if (kubernetesVersion === undefined) return;
  const pinned = pinnedVersions(cluster, source, sources);
  const versions = Object.fromEntries(pinned.map(({ program, version }) => [program, version]));
  for (const { program, verdict, fault, remedy } of sources.findVersions?.(versions, { kubernetesVersion }) ??
    []) {
    const one = pinned.find((other) => other.program === program);
    if (verdict === "refused" && one !== undefined)
      problems.push({ path: one.path, value: one.version, allowed: fault, remedy });
  }
}

function pinnedVersions(
  { runtime }: Cluster,
  source: string,
  { runtimes }: Context["sources"],
): readonly Pinned[] {
  const { type = usualType, version, release, criDockerd } = runtime ?? {};
  const own = runtimes?.[type]?.program;
  const all: readonly (readonly [Path, string | undefined, string | undefined])[] = [
    source === "release" ? [["release", "version"], own, release?.version] : [["version"], own, version],
    ...(usesCriDockerd(type)
      ? ([
          [["criDockerd", "version"], criDockerdProgram, criDockerd?.version],
          [["criDockerd", "release", "version"], criDockerdProgram, criDockerd?.release?.version],
        ] as const)
      : []),
  ];
  return all.flatMap(([path, program, text]) =>
    program === undefined || text === undefined
      ? []
      : [{ path: ["runtime", ...path], program, version: text }],
  );
}

const criDockerdProgram = "cri-dockerd";
