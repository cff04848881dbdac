import { z } from "zod";
import { dockershimMinors, newestMinor, oldestMinor } from "./kubernetes-versions";
import { kubeadm, kubeletApiAccess } from "./schema/bootstrap";
import { cni } from "./schema/cni";
import { firewall } from "./schema/firewall";
import { filePath, key, pattern, text } from "./schema/key";
import { kubeProxy } from "./schema/kube-proxy";
import { kubelet } from "./schema/kubelet";
import { kubernetes } from "./schema/kubernetes";
import { cidrPair, cidrPairAllowed, dnsLabel, dnsLabelAllowed } from "./schema/network";
import { nodes } from "./schema/node";
import { runtime } from "./schema/runtime";
import { ssh } from "./schema/ssh";
import { admin, hostNames, kernel, selinux, swap } from "./schema/system";

const { oldest, newest } = dockershimMinors;

const kubernetesVersion = text((value) => {
  const match = /^(v?)(\d{1,3})\.(\d{1,4})\.(\d{1,4})(-[0-9A-Za-z.-]{1,64})?$/.exec(value);
  if (match === null) return {};
  if (match[1] !== "") return { remedy: `write it without v: ${value.slice(1)}` };
  const minor = Number(match[3]);
  if (match[2] === "1" && (minor >= oldestMinor || (minor >= oldest && minor <= newest))) return undefined;
  return { allowed: `is not supported, must be 1.${oldestMinor}.0 or newer (the first to insist on CRI v1)` };
});

/** `nodeprep:cluster`: every key, default, unit and description. */
export const clusterSchema = key(
  z.strictObject({
    name: key(dnsLabel, { description: "The cluster's name.", allowed: dnsLabelAllowed, example: "dev" }),
    kubernetesVersion: key(kubernetesVersion, {
      description: `The Kubernetes version that the nodes are prepared for: 1.${oldestMinor}.0 or newer; known up to 1.${newestMinor}. 1.${oldest} to 1.${newest}, which have dockershim, with \`runtime.type: docker\` alone.`,
      allowed: "a whole version of three numbers, like 1.34.2",
      example: "1.34.2",
    }),
    podCidr: key(cidrPair.default("10.200.0.0/16"), {
      description: "The network that pods get their addresses from.",
      allowed: cidrPairAllowed,
      example: "10.200.0.0/16",
    }),
    serviceCidr: key(cidrPair.default("10.32.0.0/24"), {
      description: "The network that services get their addresses from.",
      allowed: cidrPairAllowed,
      example: "10.32.0.0/24",
    }),
    ssh,
    adopt: key(z.boolean().default(false), {
      description:
        "Take over nodes that another stack owns. The other stack then no longer undoes anything on them.",
      allowed: "true or false",
      example: "true",
    }),
    hostNames,
    admin,
    kernel,
    swap,
    selinux,
    firewall,
    cni,
    runtime,
    kubernetes,
    kubelet,
    kubeProxy,
    kubeadm,
    kubeletApiAccess,
    machines: key(pattern(filePath).optional(), {
      description:
        'A file of your machine that lists the nodes, one a line: address, full name, host name, and for workers the pod subnet, as "Kubernetes the Hard Way" has its machines.txt. The address is an IP address; what follows `#` is a comment. A line without pod subnet is a control plane node. The host name is the node\'s name; what `nodes` says of it wins. With more than some 600 nodes it is the only way, and `ssh.knownHostsFile` that for their host keys: the engine hands a program at most 128 KiB of configuration.',
      allowed: "a file's path",
      example: "machines.txt",
      fallback: "the nodes are those of `nodes`",
    }),
    nodes,
  }),
  {
    description: "The cluster.",
    allowed: "a mapping with at least `name`, `kubernetesVersion`, `ssh` and `nodes`",
    example: "{ name: dev, … }",
  },
);

/** The configuration as the schema leaves it: checked key by key, defaults filled in, nothing resolved yet. */
export type ClusterConfig = z.output<typeof clusterSchema>;
export type SshConfig = ClusterConfig["ssh"];
export type NodeConfig = ClusterConfig["nodes"][string];

/** What is valid of a configuration with mistakes. */
export type Draft<T> = T extends readonly unknown[]
  ? T
  : T extends object
    ? { readonly [K in keyof T]?: Draft<T[K]> | undefined }
    : T;
