import * as pulumi from "@pulumi/pulumi";
import { remote } from "@pulumi/command";

/* Components and Commands in the shape of nodeprep's, without any work: the Commands have nothing to run. */
class Empty extends pulumi.ComponentResource {
  constructor(type: string, name: string, opts?: pulumi.ComponentResourceOptions) {
    super(`empty:index:${type}`, name, {}, opts);
  }
}

const config = new pulumi.Config();
const stages = config.requireNumber("stages");
const cluster = new Empty("Cluster", "cluster");
for (let n = 0; n < config.requireNumber("nodes"); n++) {
  const node = new Empty("Node", `node-${n}`, { parent: cluster });
  let before: pulumi.Resource | undefined;
  for (let s = 0; s < stages; s++) {
    const parent: Empty = new Empty("Stage", `node-${n}-${s}`, {
      parent: node,
      ...(before ? { dependsOn: before } : {}),
    });
    const connection = { host: "127.0.0.1" };
    new remote.Command(`node-${n}-${s}`, { connection, addPreviousOutputInEnv: false }, { parent });
    before = parent;
  }
}
