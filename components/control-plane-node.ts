import type * as pulumi from "@pulumi/pulumi";
import { PreparedNode, type PreparedNodeArgs } from "./prepared-node";

/**
 * A machine that runs the control plane.
 *
 * @example
 * const context = { ...machine.context, role: "control-plane" } as const;
 * const node = await surveyNode({ ...machine, context, stages: [Toolkit.stage({}), KernelPrereqs.stage({})] });
 * new ControlPlaneNode("node-0", { node });
 */
export class ControlPlaneNode extends PreparedNode {
  constructor(name: string, args: PreparedNodeArgs, opts?: pulumi.ComponentResourceOptions) {
    super("ControlPlaneNode", name, args, opts);
  }
}
