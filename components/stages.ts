import type { ClusterSpec, NodeSpec } from "../config/types";
import { AdminUser } from "./admin-user";
import { Cni } from "./cni";
import { ContainerRuntime } from "./container-runtime";
import { Firewall, FirewallConfirm, FirewallGuard } from "./firewall";
import { KernelPrereqs } from "./kernel-prereqs";
import { Kubelet } from "./kubelet";
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
  return [
    Toolkit.stage({}),
    ...(spec.admin ? [AdminUser.stage(spec.admin)] : []),
    KernelPrereqs.stage(spec.kernel),
    ...(spec.swap === "disabled" ? [Swap.stage({})] : []),
    ...(spec.selinux === "untouched" ? [] : [Selinux.stage({ mode: spec.selinux })]),
    ...firewallStages(spec),
    ...(Object.keys(node.secrets).length === 0 ? [] : [NodeSecrets.stage({ secrets: node.secrets })]),
    ContainerRuntime.stage(spec.runtime),
    ...cniStages(spec),
    ...(node.role === "worker" ? workerStages(spec, node) : []),
  ];
}

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
function workerStages({ kubelet, runtime }: ClusterSpec, node: NodeSpec): readonly PlannedStage[] {
  const { secrets, kubeletIdentity } = node;
  const identity = kubeletIdentity === undefined ? {} : { identity: kubeletIdentity };
  return kubelet === undefined ? [] : [Kubelet.stage({ ...kubelet, runtime, secrets, ...identity })];
}
