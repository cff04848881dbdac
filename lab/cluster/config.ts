import { join } from "node:path";
import type { ControlPlane } from "../control-plane";
import { kubeconfigFile, kubeletCredentials, proxyCredentials } from "../control-plane/worker-credentials";
import { sha256Of } from "../files";
import { kubernetesVersion } from "../kubernetes";
import type { Machine } from "../machine";
import type { Web } from "../web";

/** The programs that a worker downloads. */
export const workerPrograms = ["kubelet", "kube-proxy"] as const;

/** The lab's cluster: as in "Kubernetes the Hard Way", each node with a Pod subnet of its own. */
export const network = { podCidr: "10.200.0.0/16", serviceCidr: "10.32.0.0/24" } as const;

/** The part of the configuration that says what every worker downloads, and from where. */
export async function programs(plane: ControlPlane, web: Web, names: readonly string[]): Promise<object> {
  const sums = names.map(
    async (name) => [name, { amd64: await sha256Of(join(plane.programs, name)) }] as const,
  );
  return { url: `${web.url}/{name}`, sha256: Object.fromEntries(await Promise.all(sums)) };
}

/** The configuration of the lab's cluster, with credentials made for each worker. */
export async function clusterConfig(
  machines: readonly Machine[],
  plane: ControlPlane,
  web: Web,
): Promise<object> {
  for (const { name } of machines) await kubeletCredentials(plane, name);
  const pki = (suffix: string): string => plane.path(`pki/{node}.${suffix}`);
  return {
    name: "lab",
    kubernetesVersion,
    ...network,
    ssh: { user: "root", privateKeyFile: ".lab/id_ed25519", knownHostsFile: ".lab/known_hosts" },
    kubernetes: await programs(plane, web, workerPrograms),
    kubelet: {
      caFile: plane.authority.self.certificate,
      certificateFile: pki("crt"),
      privateKeyFile: pki("key"),
      kubeconfigFile: kubeconfigFile(plane, "{node}"),
    },
    kubeProxy: { kubeconfigFile: await proxyCredentials(plane) },
    nodes: Object.fromEntries(machines.map((machine, index) => [machine.name, node(machine, index)])),
  };
}

const node = ({ host, port }: Machine, index: number): object => ({
  host,
  port,
  role: "worker",
  podSubnet: `10.200.${index}.0/24`,
  // Its API server is gone before it is: nobody could drain it.
  undoWithPods: true,
});
