import type { ClusterConfig, Draft } from "./schema";
import type { CniSpec } from "./types";

/** Where the CNI project's plugins come from, with the default that follows from what else is configured. */
export function cniPlugins({
  cni,
  kubelet,
}: Pick<Draft<ClusterConfig>, "cni" | "kubelet">): CniSpec["plugins"] {
  if (cni?.plugins !== undefined) return cni.plugins;
  if (cni?.release !== undefined) return "release";
  return kubelet === undefined ? "none" : "distribution";
}
