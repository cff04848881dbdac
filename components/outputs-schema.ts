import { z } from "zod";
import { cgroupDrivers } from "../config/runtime-spec";

/*
 * What a stack exports, as another program reads it: `pulumi stack output --json --show-secrets`, or
 * `StackReference.getOutputDetails`. The one source of its type and of docs/outputs.schema.json.
 */

const text = (description: string) => z.string().min(1).describe(description);
const cidrs = (description: string) => z.array(z.string()).describe(description);
const yaml = (kind: string) => text(`kubeadm's ${kind}, a YAML document.`);

const reported = (description: string) =>
  text(`${description} Absent until the node was first prepared.`).optional();

const nodeOutputsSchema = z
  .strictObject({
    host: text("Address of the machine."),
    sshPort: z.number().int().describe("Its SSH port."),
    sshUser: text("Who logs in there: root, or somebody with sudo without a password."),
    hostKey: text(
      "The one host key that is accepted, `type base64`. Absent with insecureIgnoreHostKey.",
    ).optional(),
    role: z.enum(["control-plane", "worker"]).describe("What the node is for."),
    podSubnets: cidrs("The node's parts of the pod CIDRs, one a family."),
    criSocket: text("Where the kubelet reaches the runtime, e.g. unix:///run/containerd/containerd.sock."),
    cgroupDriver: z.enum(cgroupDrivers).describe("Of runtime and kubelet alike."),
    runtime: text("The container runtime."),
    runtimeVersion: reported(
      "Its version, as the runtime said at the last apply; absent, too, from an update that failed to install it to the next.",
    ),
    sandboxImage: text("The pause image."),
    os: reported("PRETTY_NAME of os-release at the last apply."),
    kernel: reported("The running kernel's release, then."),
    initConfiguration: yaml("InitConfiguration")
      .optional()
      .describe(
        "On control plane nodes: kubeadm's InitConfiguration, a YAML document. A secret where it holds a token.",
      ),
    joinConfiguration: yaml("JoinConfiguration")
      .optional()
      .describe(
        "Where there is a join token: kubeadm's JoinConfiguration, a YAML document, a secret. Whole with kubeadm.caCertHashes in the configuration.",
      ),
  })
  .describe("One node.");

export const outputsSchema = z
  .strictObject({
    cluster: z
      .strictObject({
        name: text("The cluster's name."),
        kubernetesVersion: text("Without v."),
        podCidrs: cidrs("One CIDR, or one a family."),
        serviceCidrs: cidrs("One CIDR, or one a family."),
        cni: text("The CNI plugin that the nodes are prepared for."),
        apiEndpoint: text("Where nodes reach the API server, host:port.").optional(),
        clusterConfiguration: yaml("ClusterConfiguration"),
        kubeletConfiguration: yaml("KubeletConfiguration"),
        joinToken: z
          .string()
          .regex(/^[a-z0-9]{6}\.[a-z0-9]{16}$/)
          .describe("The token that nodes join with, a secret. Absent where none is configured.")
          .optional(),
      })
      .describe("What the nodes share."),
    nodes: z.record(z.string(), nodeOutputsSchema).describe("By the node's name in config."),
  })
  .describe("What a stack of nodeprep exports.");

/** The outputs as plain data. */
export type StackOutputs = z.infer<typeof outputsSchema>;
export type StackNodeOutputs = z.infer<typeof nodeOutputsSchema>;

/** The JSON schema of the outputs, as text. */
export const outputsJsonSchema = (): string =>
  `${JSON.stringify(z.toJSONSchema(outputsSchema, { target: "draft-7" }), null, 2)}\n`;
