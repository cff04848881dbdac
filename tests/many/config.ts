import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ClusterConfig } from "../e2e/support/stack";
import type { Fleet } from "./fleet";

/** The configuration of a cluster of all simulated nodes, with the key that is let in at first, or as `ssh` has it. */
export const fleetConfig = (fleet: Fleet, ssh: object = {}): ClusterConfig => ({
  name: "many",
  kubernetesVersion: "1.34.2",
  podCidr: "10.0.0.0/8",
  serviceCidr: "172.30.0.0/16",
  ssh: { user: "root", privateKeyFile: fleet.privateKeyFile, dialTimeout: 8, ...ssh },
  nodes: Object.fromEntries(
    fleet.hosts.map((host, index) => [
      nodeName(index),
      { host, port: fleet.port, hostKey: fleet.hostKey, role: index === 0 ? "control-plane" : "worker" },
    ]),
  ),
});

/** `node-0007` */
export const nodeName = (index: number): string => `node-${String(index).padStart(4, "0")}`;

/**
 * The same with the nodes and their host keys in files of `folder`, as whoever has many keeps them: a thousand with their
 * host keys are more than fit in a stack's configuration.
 */
export function fleetFiles(fleet: Fleet, folder: string): ClusterConfig {
  const machines = join(folder, "machines.txt");
  const knownHostsFile = join(folder, "known_hosts");
  const lines = (line: (host: string, index: number) => string): string =>
    fleet.hosts.map((host, index) => `${line(host, index)}\n`).join("");
  const subnet = (index: number): string => `10.${Math.floor(index / 250)}.${index % 250}.0/24`;
  writeFileSync(
    machines,
    lines((host, n) => `${host} ${nodeName(n)}.test ${nodeName(n)}${n === 0 ? "" : ` ${subnet(n)}`}`),
  );
  writeFileSync(
    knownHostsFile,
    lines((host) => `[${host}]:${fleet.port} ${fleet.hostKey}`),
  );
  const config = fleetConfig(fleet, { port: fleet.port, knownHostsFile });
  return { ...config, machines, nodes: {} };
}
