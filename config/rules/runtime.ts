import { formatPath } from "../errors";
import { isBroken, type Context } from "../findings";
import { minorOf } from "../pause-images";
import type { ClusterConfig, Draft } from "../schema";
import { openIn } from "../runc-versions";
import { oneOf, sourcesOf, usesCriDockerd } from "../schema/runtime";
import { checkRepository } from "./repository";

type Cluster = Draft<ClusterConfig>;

/** Settings of the container runtime that do not go together. */
export function checkRuntime(cluster: Cluster, context: Context): void {
  checkSource(cluster, context);
  checkRelease(cluster, context);
  checkCriDockerd(cluster, context);
  checkRepository(cluster, context);
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

/** What a release needs, and only it has. */
function checkRelease({ runtime }: Cluster, context: Context): void {
  const { source, release, version } = runtime ?? {};
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

function checkCriDockerd({ runtime }: Cluster, { problems }: Context): void {
  if (runtime?.criDockerd === undefined || runtime.type === undefined || usesCriDockerd(runtime.type)) return;
  problems.push({
    path: ["runtime", "criDockerd"],
    allowed: `is set, but ${runtime.type} speaks CRI by itself`,
    remedy: "remove it",
  });
}

/** From 1.35 on the kubelet does not start on cgroup v1, and on cgroup v2 cgroupfs is wrong beside systemd. */
function checkCgroupDriver(cluster: Cluster, { problems, warnings }: Context): void {
  if (cluster.runtime?.cgroupDriver !== "cgroupfs") return;
  const path = ["runtime", "cgroupDriver"];
  const version = cluster.kubernetesVersion;
  if (version !== undefined && minorOf(version) >= 35)
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
