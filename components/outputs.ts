import type * as pulumi from "@pulumi/pulumi";
import type { ClusterSpec, NodeSpec } from "../config/types";
import { runtimeOf } from "./container-runtime";
import type { Cluster } from "./cluster";

/** What a stack exports: everything that a later cluster bootstrap needs to know about its machines. */
export interface ClusterOutputs {
  readonly cluster: {
    readonly name: string;
    readonly kubernetesVersion: string;
    /** One CIDR, or one a family. */
    readonly podCidrs: readonly string[];
    readonly serviceCidrs: readonly string[];
  };
  /** By the node's name in config. */
  readonly nodes: Readonly<Record<string, NodeOutputs>>;
}

/** What is known of one node. Values from config are known in a preview; the others come from the node. */
export interface NodeOutputs {
  readonly host: string;
  readonly sshPort: number;
  readonly role: "control-plane" | "worker";
  /** The node's parts of the pod CIDRs, one a family. */
  readonly podSubnets: readonly string[];
  /** Where the kubelet reaches the runtime, e.g. `unix:///run/containerd/containerd.sock`. */
  readonly criSocket: string;
  readonly cgroupDriver: "systemd" | "cgroupfs";
  readonly runtime: string;
  /** As the runtime stage's last apply reported it. */
  readonly runtimeVersion: pulumi.Output<string | undefined>;
  readonly sandboxImage: string;
  /** `PRETTY_NAME` of os-release at the last apply of the toolkit stage. */
  readonly os: pulumi.Output<string | undefined>;
  /** The running kernel's release, then. */
  readonly kernel: pulumi.Output<string | undefined>;
}

/** The stack's outputs, from config and from what the stages reported. Never from the survey: an unreachable
 * minute must not blank them. */
export function clusterOutputs(spec: ClusterSpec, cluster: Cluster): ClusterOutputs {
  const { name, kubernetesVersion, podCidrs, serviceCidrs } = spec;
  const nodes = spec.nodes.map((node, index) => [node.name, nodeOutputs(spec, node, cluster.nodes[index])]);
  return {
    cluster: { name, kubernetesVersion, podCidrs, serviceCidrs },
    nodes: Object.fromEntries(nodes) as Record<string, NodeOutputs>,
  };
}

function nodeOutputs(
  spec: ClusterSpec,
  node: NodeSpec,
  prepared: Cluster["nodes"][number] | undefined,
): NodeOutputs {
  if (prepared === undefined) throw new Error(`node ${node.name} is not part of the cluster`);
  const reported = (name: string): pulumi.Output<string | undefined> =>
    prepared.report.apply((report) => report[name]);
  const { criSocket } = runtimeOf(spec.runtime.type);
  return {
    host: node.connection.host,
    sshPort: node.connection.port,
    role: node.role,
    podSubnets: node.podSubnets,
    criSocket,
    cgroupDriver: spec.runtime.cgroupDriver,
    runtime: spec.runtime.type,
    runtimeVersion: reported("runtime.version"),
    sandboxImage: spec.runtime.sandboxImage,
    os: reported("os"),
    kernel: reported("kernel"),
  };
}
