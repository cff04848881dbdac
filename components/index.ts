/*
 * What a Pulumi program of somebody else's uses of nodeprep, see docs/own-programs.md. Two parts need a provider more and
 * are imported by their files: `JoinToken` (random) and `KubeletApiAccess` (kubernetes).
 */

export { Secret } from "../config/secret";
export { loadCluster } from "../config/pulumi";
export type { Authentication, ClusterSpec, ConnectionSpec, NodeSpec, SshEndpoint } from "../config/types";
export type { Facts } from "../plan/facts";
export type { Requirement } from "../plan/requirement";
export type { NodeContext, StageDefinition, StageSurvey } from "../plan/stage";

export { surveyCluster, surveyNode, surveyNodes, type GivenNode, type NodeToSurvey } from "./survey-cluster";
export { StageComponent, type PlannableStageClass } from "./stage-component";
export type { PlannedStage, StageComponentArgs, StageResource, SurveyedNode } from "./surveyed-node";

export { Cluster, type ClusterArgs } from "./cluster";
export { ControlPlaneNode } from "./control-plane-node";
export { WorkerNode } from "./worker-node";
export { PreparedNode, type PreparedNodeArgs } from "./prepared-node";

export { AdminUser, type AdminUserArgs } from "./admin-user";
export { Cni, type CniArgs } from "./cni";
export { ContainerRuntime, runtimeSecrets, type ContainerRuntimeArgs } from "./container-runtime";
export { Firewall, FirewallConfirm, FirewallGuard, type FirewallArgs } from "./firewall";
export { HostNames, type HostNamesArgs } from "./host-names";
export { KernelPrereqs, type KernelPrereqsArgs } from "./kernel-prereqs";
export { KubeProxy, type KubeProxyArgs } from "./kube-proxy";
export { Kubelet, type KubeletArgs } from "./kubelet";
export { KubernetesBinaries, type KubernetesBinariesArgs } from "./kubernetes-binaries";
export { KubernetesPackages, type KubernetesPackagesArgs } from "./kubernetes-packages";
export { NodeSecrets, type NodeSecretsArgs } from "./node-secrets";
export { Selinux, type SelinuxArgs } from "./selinux";
export { Swap } from "./swap";
export { Toolkit } from "./toolkit";

export { clusterOutputs, type ClusterOutputs, type NodeOutputs } from "./outputs";
export { preparedStack, type PreparedStack, type PreparedStackNode } from "./prepared-stack";
