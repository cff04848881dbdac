import type { ClusterSpec } from "../config/types";
import { AdminUser } from "./admin-user";
import { ContainerRuntime } from "./container-runtime";
import { Firewall, FirewallConfirm, FirewallGuard } from "./firewall";
import { KernelPrereqs } from "./kernel-prereqs";
import { Selinux } from "./selinux";
import { Swap } from "./swap";
import type { PlannedStage } from "./surveyed-node";
import { Toolkit } from "./toolkit";

/**
 * The stages of a node, in order. From the configuration alone, never from facts: an unreachable node must have
 * the same stages as ever.
 */
export function stagesOf(spec: ClusterSpec): readonly PlannedStage[] {
  return [
    Toolkit.stage({}),
    ...(spec.admin ? [AdminUser.stage(spec.admin)] : []),
    KernelPrereqs.stage(spec.kernel),
    ...(spec.swap === "disabled" ? [Swap.stage({})] : []),
    ...(spec.selinux === "untouched" ? [] : [Selinux.stage({ mode: spec.selinux })]),
    ...firewallStages(spec),
    ContainerRuntime.stage(spec.runtime),
  ];
}

function firewallStages({ firewall, cni }: ClusterSpec): readonly PlannedStage[] {
  if (firewall.backend === "none") return [];
  const args = { ...firewall, cni: cni.type };
  return [FirewallGuard.stage(args), Firewall.stage(args), FirewallConfirm.stage(args)];
}
