import { formatPath } from "../errors";
import { isBroken, type Context } from "../findings";
import { dockershimMinors, hasDockershim, oldestMinor, startsOnCgroupV1 } from "../kubernetes-versions";
import type { ClusterConfig, Draft } from "../schema";
import { openIn } from "../runc-versions";
import {
  needsOf,
  oneOf,
  sourcesOf,
  typesWithAnyMirror,
  usesCriDockerd,
  usualSource,
} from "../schema/runtime-types";
import { checkMirrors } from "./mirrors";
import { checkPinnedVersions } from "./pinned-versions";

type Cluster = Draft<ClusterConfig>;

/** Settings of the container runtime that do not go together. */
export function checkRuntime(cluster: Cluster, context: Context): void {
  checkSource(cluster, context);
  checkPinnedVersions(cluster, sourceOf(cluster, context), context);
  checkDockershim(cluster, context);
  checkRelease(cluster, context);
  checkCriDockerd(cluster, context);
  checkMirrorsOf(cluster, context);
  checkMirrors(cluster, context);
  checkCgroupDriver(cluster, context);
}

function checkSource({ runtime }: Cluster, { problems }: Context): void {
  const { type, source } = runtime ?? {};
  const known = sourcesOf(type ?? "");
  if (source === undefined || known.length === 0 || known.includes(source)) return;
  problems.push({
    path: ["runtime", "source"],
    value: source,
    allowed: `is no source of ${type ?? ""}`,
    remedy: `use ${known.join(" or ")}`,
  });
}

/** The source in use; undefined where what is said of it is wrong. */
const sourceOf = ({ runtime }: Cluster, context: Context): string | undefined =>
  isBroken(context, ["runtime", "source"]) ? undefined : (runtime?.source ?? usualSource(runtime?.type));

/** Kubelets that have dockershim are supported with Docker Engine alone, and set up by kubeadm alone. */
function checkDockershim({ runtime, kubernetesVersion, kubelet }: Cluster, context: Context): void {
  const type = runtime?.type;
  if (kubernetesVersion === undefined || type === undefined || !hasDockershim(kubernetesVersion)) return;
  const { oldest, newest } = dockershimMinors;
  if (needsOf(type).dockershim !== true)
    context.problems.push({
      path: ["kubernetesVersion"],
      value: kubernetesVersion,
      allowed: `is not supported with runtime.type ${type}: 1.${oldest} to 1.${newest} are for dockershim alone`,
      remedy: `use 1.${oldestMinor}.0 or newer`,
    });
  if (kubelet !== undefined)
    context.problems.push({
      path: ["kubelet"],
      allowed: `goes with Kubernetes 1.${oldestMinor}.0 and newer, and kubernetesVersion is ${kubernetesVersion}`,
      remedy: "remove it: kubeadm sets up these kubelets",
    });
  context.warnings.push(
    `${formatPath(["kubernetesVersion"])}: ${kubernetesVersion} is no longer maintained, and nodeprep was never run with it. From 1.24 on, Docker Engine comes with cri-dockerd.`,
  );
}

/** Registries that a runtime has no mirrors for. */
function checkMirrorsOf({ runtime }: Cluster, { problems }: Context): void {
  const { type = "", registryMirrors = {} } = runtime ?? {};
  const only = needsOf(type).mirrors;
  if (only === undefined) return;
  for (const name of Object.keys(registryMirrors).filter((registry) => registry !== only))
    problems.push({
      path: ["runtime", "registryMirrors", name],
      allowed: `cannot be had with runtime.type ${type}, which has mirrors for ${only} alone`,
      remedy: `remove it, or use ${oneOf(typesWithAnyMirror())}`,
    });
}

/** What a release needs, and only it has. */
function checkRelease(cluster: Cluster, context: Context): void {
  const { release, version } = cluster.runtime ?? {};
  const source = sourceOf(cluster, context);
  const path = ["runtime", "release"];
  if (source === undefined) return;
  if (source !== "release" && release !== undefined)
    context.problems.push({
      path,
      allowed: `goes with source release, and runtime.source is ${source}`,
      remedy: "set runtime.source: release, or remove it",
    });
  if (source !== "release") return;
  if (release === undefined && !isBroken(context, path))
    context.problems.push({
      path,
      allowed: "is missing, must have version, sha256 and runc with source release",
      remedy: "see runtime.release in docs/configuration.md",
    });
  if (version !== undefined)
    context.problems.push({
      path: ["runtime", "version"],
      value: version,
      allowed: "is a package's version, and with source release there is no package",
      remedy: "remove it; runtime.release.version is the release's",
    });
  checkRunc(release?.runc?.version, context);
}

function checkRunc(version: string | undefined, { problems }: Context): void {
  const open = version === undefined ? undefined : openIn(version);
  if (version === undefined || open === undefined) return;
  problems.push({
    path: ["runtime", "release", "runc", "version"],
    value: version,
    allowed: `lets containers out to the node (${open.cve})`,
    remedy: `use ${oneOf(open.fixed)}, or a newer one`,
  });
}

function checkCriDockerd({ runtime, kubernetesVersion = "" }: Cluster, { problems }: Context): void {
  const { type, criDockerd } = runtime ?? {};
  if (criDockerd === undefined || type === undefined) return;
  const path = ["runtime", "criDockerd"];
  if (!usesCriDockerd(type))
    problems.push({ path, allowed: `is set, but ${type} speaks CRI by itself`, remedy: "remove it" });
  else if (hasDockershim(kubernetesVersion))
    problems.push({
      path,
      allowed: `is set, but the kubelet of ${kubernetesVersion} talks to Docker by itself`,
      remedy: "remove it",
    });
  if (criDockerd.release === undefined) return;
  if (criDockerd.version !== undefined)
    problems.push({
      path,
      allowed: "has both version, which is a package's, and release",
      remedy: "remove one of them",
    });
  if (usesCriDockerd(type) && needsOf(type).criDockerdRelease !== true)
    problems.push({
      path: [...path, "release"],
      allowed: `is set, but ${type} brings its own cri-dockerd`,
      remedy: "remove it",
    });
}

/** From 1.35 on the kubelet does not start on cgroup v1, and on cgroup v2 cgroupfs is wrong beside systemd. */
function checkCgroupDriver(cluster: Cluster, { problems, warnings }: Context): void {
  if (cluster.runtime?.cgroupDriver !== "cgroupfs") return;
  const path = ["runtime", "cgroupDriver"];
  const version = cluster.kubernetesVersion;
  if (version !== undefined && !startsOnCgroupV1(version))
    problems.push({
      path,
      value: "cgroupfs",
      allowed: `does not go with Kubernetes ${version}: cgroupfs is for cgroup v1, on which the kubelet of 1.35 and later does not start`,
      remedy: "use systemd",
    });
  else
    warnings.push(
      `${formatPath(path)}: cgroupfs beside systemd makes two managers of one cgroup tree; nodes become unstable under load. Use systemd.`,
    );
}
