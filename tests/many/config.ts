import type { ClusterConfig } from "../e2e/support/stack";
import type { Fleet } from "./fleet";

/** The configuration of a cluster of all simulated nodes; the key is in the file. */
export const fleetConfig = (fleet: Fleet, privateKeyFile: string, ssh: object = {}): ClusterConfig => ({
  name: "many",
  kubernetesVersion: "1.34.2",
  podCidr: "10.0.0.0/8",
  serviceCidr: "172.30.0.0/16",
  ssh: { user: "root", privateKeyFile, dialTimeout: 8, ...ssh },
  nodes: Object.fromEntries(
    fleet.hosts.map((host, index) => [
      nodeName(index),
      { host, port: fleet.port, hostKey: fleet.hostKey, role: index === 0 ? "control-plane" : "worker" },
    ]),
  ),
});

/** `node-0007` */
export const nodeName = (index: number): string => `node-${String(index).padStart(4, "0")}`;
