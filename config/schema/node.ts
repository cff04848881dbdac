import { z } from "zod";
import { nodeKubelet } from "./credentials";
import { key } from "./key";
import {
  cidrPair,
  cidrPairAllowed,
  dnsLabel,
  dnsLabelAllowed,
  fullName,
  fullNameAllowed,
  host,
  hostAllowed,
} from "./network";
import { hostKey, nodeSsh } from "./ssh";

const nodeName = key(dnsLabel, {
  description: "The node's name.",
  allowed: dnsLabelAllowed,
  example: "node-1",
});

const sshShape = nodeSsh.unwrap().shape;

/** `nodes.<name>`. */
export const node = key(
  z.strictObject({
    host: key(host, { description: "Address of the machine.", allowed: hostAllowed, example: "192.0.2.10" }),
    fqdn: key(fullName.optional(), {
      description:
        "The machine's full name. With `hostNames: managed`, `/etc/hosts` of all nodes has it before the node's name.",
      allowed: fullNameAllowed,
      example: "node-1.example.org",
      fallback: "the second word of the node's line in `machines`, else none",
    }),
    role: key(z.enum(["control-plane", "worker"]), {
      description: "What the node is for; its ports follow from it.",
      allowed: "control-plane or worker",
      example: "worker",
    }),
    port: sshShape.port,
    user: sshShape.user,
    hostKey,
    ssh: nodeSsh,
    podSubnet: key(cidrPair.optional(), {
      description:
        "The node's own part of `podCidr`. Workers must have one where the bridge plugin is configured (`cni.type: bridge` and `cni.plugins` not `none`).",
      allowed: cidrPairAllowed,
      example: "10.200.1.0/24",
      fallback: "none",
    }),
    kubelet: nodeKubelet,
    retire: key(z.enum(["undo", "abandon"]).default("undo"), {
      description:
        "What becomes of the machine when the node leaves the program. `undo`: it is put back as it was found. `abandon`: it is left as it is, and nodeprep does not connect to it any more; set it, update, and then remove a node whose machine is dead.",
      allowed: "undo or abandon",
      example: "undo",
    }),
    allowCgroupDriverChange: key(z.boolean().default(false), {
      description:
        "Let the node get another cgroup driver although it has run pods. Pods made with the other one may fail for good, so it is refused while pods run: drain the node and remove it from the cluster first, set this, update, join it again, and take this away.",
      allowed: "true or false",
      example: "true",
    }),
    undoWithPods: key(z.boolean().default(false), {
      description:
        "Let the node be given back although Pods run on it: their containers and mounts may stay until the machine is restarted. Without it, `destroy` and the removal of the node are refused until it is drained. Takes effect with the next update.",
      allowed: "true or false",
      example: "true",
    }),
    adopt: key(z.boolean().optional(), {
      description: "Take the node over although another stack owns it.",
      allowed: "true or false",
      example: "true",
      fallback: "the cluster's",
    }),
  }),
  {
    description: "One machine.",
    allowed: "a mapping with at least `host` and `role`",
    example: "{ host: 192.0.2.10, role: worker }",
  },
);

/** `nodes`. */
export const nodes = key(z.record(nodeName, node), {
  description: "The machines, by name. May be left out where `machines` lists them.",
  allowed: "a mapping of at least one node",
  example: "{ node-1: { host: 192.0.2.10, role: worker } }",
  keyName: "name",
});
