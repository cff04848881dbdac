import { formatPath } from "../errors";
import type { Context } from "../findings";
import { minorOf } from "../pause-images";
import type { ClusterConfig, Draft } from "../schema";
import { sourcesOf } from "../schema/runtime";

type Cluster = Draft<ClusterConfig>;

/** Settings of the container runtime that do not go together. */
export function checkRuntime(cluster: Cluster, context: Context): void {
  checkSource(cluster, context);
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
