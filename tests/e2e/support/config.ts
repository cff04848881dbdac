import type { ClusterConfig } from "./stack";
import type { TestMachine } from "./machine";

/** A node of a test's cluster: the machine, and what the test says differently of it. */
export interface TestNode {
  readonly machine: TestMachine;
  readonly role: "worker" | "control-plane";
  readonly [key: string]: unknown;
}

/** A cluster's configuration with these nodes; what a test gives besides wins. */
export function clusterConfig(
  nodes: Readonly<Record<string, TestNode>>,
  overrides: ClusterConfig = {},
): ClusterConfig {
  const machines = Object.values(nodes).map(({ machine }) => machine);
  const [first] = machines;
  if (!first) throw new Error("a cluster needs a node");
  return {
    name: "e2e",
    kubernetesVersion: "1.34.2",
    podCidr: "10.200.0.0/16",
    serviceCidr: "10.32.0.0/24",
    ssh: { user: "root", privateKeyFile: first.privateKeyFile },
    admin: { name: "kube", authorizedKeys: [first.publicKey], sudo: false },
    firewall: { confirmWithin: 300 },
    nodes: Object.fromEntries(
      Object.entries(nodes).map(([name, { machine, ...node }]) => [
        name,
        { host: machine.host, port: machine.port, hostKey: machine.hostKey, ...node },
      ]),
    ),
    ...overrides,
  };
}
