import type { ClusterSpec, KubernetesProgram, NodeSpec } from "../config/types";
import { AdminUser } from "./admin-user";
import { Cni } from "./cni";
import { ContainerRuntime, runtimeOf, runtimeSecrets } from "./container-runtime";
import { Firewall, FirewallConfirm, FirewallGuard } from "./firewall";
import { HostNames, type HostNamesArgs } from "./host-names";
import { KernelPrereqs } from "./kernel-prereqs";
import { KubeProxy } from "./kube-proxy";
import { Kubelet } from "./kubelet";
import { KubernetesBinaries } from "./kubernetes-binaries";
import { KubernetesPackages } from "./kubernetes-packages";
import { NodeSecrets } from "./node-secrets";
import { Selinux } from "./selinux";
import { Swap } from "./swap";
import type { PlannedStage } from "./surveyed-node";
import { Toolkit } from "./toolkit";

/**
 * The stages of a node, in order. From the configuration alone, never from facts: an unreachable node must have
 * the same stages as ever.
 */
export function stagesOf(spec: ClusterSpec, node: NodeSpec): readonly PlannedStage[] {
  const secrets = { ...node.secrets, ...runtimeSecrets(spec.runtime) };
  return [
    Toolkit.stage({}),
    ...(spec.hostNames === "managed" ? [HostNames.stage(hostsOf(spec))] : []),
    ...(spec.admin ? [AdminUser.stage(spec.admin)] : []),
    KernelPrereqs.stage(spec.kernel),
    ...(spec.swap === "disabled" ? [Swap.stage({})] : []),
    ...(spec.selinux === "untouched" ? [] : [Selinux.stage({ mode: spec.selinux })]),
    ...firewallStages(spec),
    ...(Object.keys(secrets).length === 0 ? [] : [NodeSecrets.stage({ secrets })]),
    ContainerRuntime.stage(spec.runtime),
    ...cniStages(spec),
    ...programStages(spec, node),
    ...(node.role === "worker" ? workerStages(spec, node) : []),
  ];
}

const hostsOf = ({ nodes }: ClusterSpec): HostNamesArgs => ({
  hosts: Object.fromEntries(nodes.map(({ name, connection }) => [name, connection.host])),
  fqdns: Object.fromEntries(nodes.flatMap(({ name, fqdn }) => (fqdn === undefined ? [] : [[name, fqdn]]))),
});

function firewallStages({ firewall, cni }: ClusterSpec): readonly PlannedStage[] {
  if (firewall.backend === "none") return [];
  const args = { ...firewall, cni: cni.type };
  return [FirewallGuard.stage(args), Firewall.stage(args), FirewallConfirm.stage(args)];
}

function cniStages({ cni }: ClusterSpec): readonly PlannedStage[] {
  const { plugins } = cni;
  return plugins === "none" ? [] : [Cni.stage({ ...cni, plugins })];
}

/** What is the worker's own where Kubernetes is set up by hand; kubeadm brings it otherwise. */
function workerStages(spec: ClusterSpec, node: NodeSpec): readonly PlannedStage[] {
  const { kubelet, kubeProxy, runtime } = spec;
  const { secrets, kubeletIdentity: identity } = node;
  const shared = { secrets, ...(spec.kubernetes === undefined ? {} : { kubernetes: spec.kubernetes }) };
  const name = { isNamed: spec.hostNames === "managed", ...(identity === undefined ? {} : { identity }) };
  return [
    ...(kubelet === undefined ? [] : [Kubelet.stage({ ...kubelet, ...shared, runtime, ...name })]),
    ...(kubeProxy === undefined ? [] : [KubeProxy.stage({ ...kubeProxy, ...shared })]),
  ];
}

/** A service's own program comes in the service's stage, so that a new one restarts it. */
function programStages(spec: ClusterSpec, node: NodeSpec): readonly PlannedStage[] {
  const { kubernetes, kubernetesPackages, kubelet, kubeProxy, runtime } = spec;
  const { criSocket } = runtimeOf(runtime.type);
  if (kubernetesPackages !== undefined)
    return [KubernetesPackages.stage({ ...kubernetesPackages, criSocket })];
  if (kubernetes === undefined) return [];
  const isWorker = node.role === "worker";
  const elsewhere: readonly KubernetesProgram[] = [
    ...(isWorker && kubelet !== undefined ? (["kubelet"] as const) : []),
    ...(isWorker && kubeProxy !== undefined ? (["kube-proxy"] as const) : []),
  ];
  return [KubernetesBinaries.stage({ ...kubernetes, elsewhere, criSocket })];
}
