import * as pulumi from "@pulumi/pulumi";
import type { ClusterSpec, NodeSpec } from "../config/types";
import type { Cluster } from "./cluster";
import { runtimeOf } from "./container-runtime";
import {
  apiEndpoint,
  clusterConfiguration,
  initConfiguration,
  joinConfiguration,
  kubeletConfiguration,
} from "./kubeadm";
import type { ReportedName } from "./node-report";
import type { StackNodeOutputs, StackOutputs } from "./outputs-schema";

/** The same data, each value known now or once the node was prepared. */
type Exported<T> = { readonly [K in keyof T]: pulumi.Input<T[K]> | undefined };

/** What a stack exports: everything that a later cluster bootstrap needs to know about its machines. */
export interface ClusterOutputs {
  readonly cluster: Exported<StackOutputs["cluster"]>;
  /** By the node's name in config. */
  readonly nodes: Readonly<Record<string, NodeOutputs>>;
}

/** What is known of one node. Values from config are known in a preview; the others come from the node. */
export type NodeOutputs = Exported<StackNodeOutputs>;

type JoinToken = pulumi.Output<string> | undefined;

/**
 * The stack's outputs, from config and from what the stages reported; from the survey only where a stage gives no
 * answer: an unreachable minute must not blank them.
 *
 * @param joinToken the token that nodes join with, a secret
 */
export function clusterOutputs(spec: ClusterSpec, cluster: Cluster, joinToken?: JoinToken): ClusterOutputs {
  const { name, kubernetesVersion, podCidrs, serviceCidrs } = spec;
  const nodes = spec.nodes.map((node, index) => [
    node.name,
    nodeOutputs(spec, node, cluster.nodes[index], joinToken),
  ]);
  return {
    cluster: {
      ...{ name, kubernetesVersion, podCidrs: [...podCidrs], serviceCidrs: [...serviceCidrs] },
      cni: spec.cni.type,
      apiEndpoint: apiEndpoint(spec),
      clusterConfiguration: clusterConfiguration(spec),
      kubeletConfiguration: kubeletConfiguration(spec),
      joinToken,
    },
    nodes: Object.fromEntries(nodes) as Record<string, NodeOutputs>,
  };
}

function nodeOutputs(
  spec: ClusterSpec,
  node: NodeSpec,
  prepared: Cluster["nodes"][number] | undefined,
  joinToken: JoinToken,
): NodeOutputs {
  if (prepared === undefined) throw new Error(`node ${node.name} is not part of the cluster`);
  const reported = (value: ReportedName): pulumi.Input<string> | undefined =>
    prepared.reported(value) as pulumi.Output<string>;
  const criSocket = socketOf(spec, prepared);
  return {
    ...configured(spec, node),
    criSocket,
    runtimeVersion: reported("runtime.version"),
    os: reported("os"),
    kernel: reported("kernel"),
    initConfiguration:
      node.role === "control-plane"
        ? withBoth(joinToken, criSocket, (token, socket) => initConfiguration(spec, node, token, socket))
        : undefined,
    joinConfiguration:
      joinToken &&
      withBoth(joinToken, criSocket, (token = "", socket) => joinConfiguration(spec, node, token, socket)),
  };
}

/** The runtime's socket: from config, or where it is found on the node, what the last apply reported. */
function socketOf(
  { runtime, kubernetesVersion }: ClusterSpec,
  { reported }: Cluster["nodes"][number],
): pulumi.Input<string> {
  const { criSocket, socketIsFound } = runtimeOf(runtime.type);
  const usual = criSocket({ kubernetesVersion });
  return socketIsFound ? reported("runtime.criSocket").apply((found) => plainSocket(found) ?? usual) : usual;
}

/** What a node says becomes part of other programs' command lines: nothing but a plain path. */
const plainSocket = (said: string | undefined): string | undefined =>
  /^unix:\/\/(\/[A-Za-z0-9._-]+)+$/.exec(said ?? "")?.[0];

/** A document of the join token and the socket: a plain text where both are. */
const withBoth = (
  token: JoinToken,
  socket: pulumi.Input<string>,
  make: (token: string | undefined, socket: string) => string,
): pulumi.Input<string> =>
  token === undefined && typeof socket === "string"
    ? make(undefined, socket)
    : pulumi.all([token, socket]).apply(([word, path]) => make(word, path));

const configured = ({ runtime }: ClusterSpec, node: NodeSpec) => ({
  host: node.connection.host,
  sshPort: node.connection.port,
  sshUser: node.connection.user,
  hostKey: node.connection.hostKey,
  role: node.role,
  podSubnets: [...node.podSubnets],
  cgroupDriver: runtime.cgroupDriver,
  runtime: runtime.type,
  sandboxImage: runtime.sandboxImage,
});
