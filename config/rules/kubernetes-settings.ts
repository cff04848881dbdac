import { formatPath } from "../errors";
import type { Context } from "../findings";
import { minorOf } from "../kubernetes-versions";
import type { ClusterConfig, Draft } from "../schema";

type Cluster = Draft<ClusterConfig>;

/** Settings that kubelet and kube-proxy of the version do not know yet: they would end with an error at each start. */
export function checkKubernetes(cluster: Cluster, context: Context): void {
  const { kubernetesVersion } = cluster;
  if (kubernetesVersion === undefined) return;
  checkSwapBehavior(cluster, kubernetesVersion, context);
  checkProxyMode(cluster, kubernetesVersion, context);
  context.warnings.push(...ipvsLeaves(cluster, kubernetesVersion));
}

const hasGate = (extra: Readonly<Record<string, unknown>> | undefined, name: string): boolean =>
  (extra?.["featureGates"] as Readonly<Record<string, unknown>> | undefined)?.[name] === true;

/** On by default from 1.30 on: https://kubernetes.io/blog/2024/04/17/kubernetes-v1-30-release/ */
function checkSwapBehavior({ kubelet }: Cluster, version: string, { problems }: Context): void {
  const behavior = kubelet?.config?.memorySwap?.swapBehavior;
  if (behavior !== "LimitedSwap" || minorOf(version) >= 30 || hasGate(kubelet?.extra, "NodeSwap")) return;
  problems.push({
    path: ["kubelet", "config", "memorySwap", "swapBehavior"],
    value: behavior,
    allowed: `takes the feature NodeSwap, which is off in Kubernetes ${version}`,
    remedy: "remove it, or set kubelet.extra.featureGates.NodeSwap: true",
  });
}

/** Alpha in 1.29, on by default from 1.31 on: https://kubernetes.io/blog/2025/02/28/nftables-kube-proxy/ */
function checkProxyMode({ kubeProxy }: Cluster, version: string, { problems }: Context): void {
  const minor = minorOf(version);
  if (kubeProxy?.mode !== "nftables" || minor >= 31) return;
  if (minor >= 29 && hasGate(kubeProxy.extra, "NFTablesProxyMode")) return;
  problems.push({
    path: ["kubeProxy", "mode"],
    value: "nftables",
    allowed: `is not there in Kubernetes ${version}, but from 1.31 on`,
    remedy:
      minor < 29
        ? "use iptables or ipvs"
        : "use iptables or ipvs, or set kubeProxy.extra.featureGates.NFTablesProxyMode: true",
  });
}

/** https://kubernetes.io/docs/reference/networking/virtual-ips/#proxy-mode-ipvs; KEP-5495 */
function ipvsLeaves({ kubeProxy }: Cluster, version: string): readonly string[] {
  if (kubeProxy?.mode !== "ipvs" || minorOf(version) < 35) return [];
  return [
    `${formatPath(["kubeProxy", "mode"])} is ipvs, which Kubernetes has deprecated since 1.35: from 1.40 on it is off by default, in 1.43 it is gone. Use nftables, or iptables where nodes have a kernel before 5.13.`,
  ];
}
