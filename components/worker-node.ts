import type * as pulumi from "@pulumi/pulumi";
import { PreparedNode, type PreparedNodeArgs } from "./prepared-node";

/**
 * A machine that runs pods.
 *
 * @example
 * const node = await surveyNode({ ...machine, stages: [Toolkit.stage({}), KernelPrereqs.stage({})] });
 * new WorkerNode("node-1", { node });
 */
export class WorkerNode extends PreparedNode {
  constructor(name: string, args: PreparedNodeArgs, opts?: pulumi.ComponentResourceOptions) {
    super("WorkerNode", name, args, opts);
  }
}
