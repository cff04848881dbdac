import { createHash } from "node:crypto";
import { minimumSysctls } from "../../../components/kernel-prereqs";
import { kubeProxySysctls } from "../../../components/kube-proxy";
import { formatProblem } from "../../../config/errors";
import { parseCluster } from "../../../config/load";
import { architectureOf, type Sources } from "../../../config/sources";
import type { ClusterSpec } from "../../../config/types";
import { ed25519Pair } from "../ssh-keys";

/** Public keys that belong to no machine. */
export const ed25519 = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIM9KIwPJy3/ze7meaKE/2UdDTgji5hdaFjCf4Bm521vx";
export const ecdsa =
  "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBBYN0HgsD29WhyD0FyG5M06X0dUiRuQgA7tnPJKBEUYZJnoIc+PggJyTSw6NH/uHLxwWYhfusS+iMW7Sn1BD66w=";
export const rsa =
  "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQCjV20FdT7jmrZnh1farhFCpP5KFFPav00BRAG4NQaE6w/f3Bf3+ryaq8kwIWDCNF2H8ypZ6RrUTJM1CutXXMvArJLht9nEja2v5J6rV5rwMiDe2LcqyEVsx+WwRIWMAZhNnTi18QCQJZQku3xb7AuX/mJX0VOFmEcWtpVuXOjkUYRtDfXNrL1Ga7lyDNQJRr8pNVn3Qau7qkMj7ZBOMXQnbIVutMP7THXnpyLp0Q8wwZnasyzn0jMu6PRbTo+VyEoS7RHLrp/YCBW6rYs+Z65gG3+ELXedHa9o+HK9yqv8NKFjszTTa8sc7YisJjyaGbcxhz9sYYWtZ4W98NM7lXPT";

export const plainKeys = ed25519Pair();
export const encryptedKeys = ed25519Pair({
  passphrase: "s3same",
  cipher: "aes256-ctr",
  rounds: 4,
});

/** Files as the operator's machine would have them, home /home/op, and an SSH agent. */
export const sources = (files: Readonly<Record<string, string>> = {}): Sources => ({
  readFile: (path) => {
    const text = Object.hasOwn(files, path) ? files[path] : undefined;
    return text === undefined ? { error: "does not exist" } : { text };
  },
  lookInto: (path) => {
    const text = Object.hasOwn(files, path) ? files[path] : undefined;
    if (text === undefined) return { error: "does not exist" };
    const bytes = Buffer.from(text, "latin1");
    const architecture = architectureOf(bytes);
    return {
      sha256: createHash("sha256").update(bytes).digest("hex"),
      ...(architecture === undefined ? {} : { architecture }),
    };
  },
  kubeProxySysctls,
  minimumSysctls,
  home: "/home/op",
  agentSocket: "/run/agent",
  requiredSysctls: (podCidrs) => ({
    "net.ipv4.ip_forward": "1",
    ...(podCidrs.includes("fd00:200::/48") ? { "net.ipv6.conf.all.forwarding": "1" } : {}),
  }),
});

export type Mapping = Record<string, unknown>;

/** A valid configuration, with these top-level keys instead of its own. */
export const config = (changes: Mapping = {}): Mapping => ({
  name: "dev",
  kubernetesVersion: "1.34.2",
  ssh: { agent: true },
  nodes: { "node-1": node() },
  ...changes,
});

/** A valid node, with these keys besides or instead of its own. */
export const node = (changes: Mapping = {}): Mapping => ({
  host: "192.0.2.10",
  role: "worker",
  hostKey: ed25519,
  ...changes,
});

/** The mistakes in a configuration, one line each, without `nodeprep:cluster`; none when it is valid. */
export function mistakes(value: unknown, from: Sources = sources()): readonly string[] {
  const result = parseCluster(value, from);
  return result.ok
    ? []
    : result.problems.map((problem) => formatProblem(problem).replace("nodeprep:cluster.", ""));
}

/** The cluster of a valid configuration. */
export function cluster(value: unknown, from: Sources = sources()): ClusterSpec {
  const result = parseCluster(value, from);
  if (!result.ok) throw new Error(mistakes(value, from).join("\n"));
  return result.cluster;
}

export const warnings = (value: unknown, from: Sources = sources()): readonly string[] =>
  parseCluster(value, from).warnings;
