import * as pulumi from "@pulumi/pulumi";
import { sayAtTheEnd } from "./closing-words";
import { ControlPlaneNode } from "./control-plane-node";
import { WorkerNode } from "./worker-node";
import type { SurveyedNode } from "./surveyed-node";
import type { PreparedNode } from "./prepared-node";

/** Arguments of a cluster's component. */
export interface ClusterArgs {
  readonly nodes: readonly SurveyedNode[];
}

/**
 * The nodes of one cluster, prepared side by side.
 *
 * @example
 * const stages = [Toolkit.stage({}), KernelPrereqs.stage({})];
 * const nodes = await surveyNodes([
 *   { context: { ...network, name: "node-0", role: "control-plane" }, connection: first, stages },
 *   { context: { ...network, name: "node-1", role: "worker" }, connection: second, stages },
 * ]);
 * const { nodes: prepared } = new Cluster("prod", { nodes });
 */
export class Cluster extends pulumi.ComponentResource {
  readonly nodes: readonly PreparedNode[];

  constructor(name: string, args: ClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    super("nodeprep:cluster:Cluster", name, {}, opts);
    this.nodes = args.nodes.map((node) => {
      const Node = node.context.role === "control-plane" ? ControlPlaneNode : WorkerNode;
      return new Node(node.context.name, { node }, { parent: this });
    });
    sayAtTheEnd(args.nodes, this.nodes);
    this.registerOutputs({});
  }
}
