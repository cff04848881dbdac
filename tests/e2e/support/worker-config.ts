import { programs } from "../../../lab/cluster/config";
import type { ControlPlane } from "../../../lab/control-plane";
import {
  kubeconfigFile,
  kubeletCredentials,
  proxyCredentials,
} from "../../../lab/control-plane/worker-credentials";
import type { Web } from "../../../lab/web";
import { clusterConfig } from "./config";
import type { TestMachine } from "./machine";
import type { ClusterConfig } from "./stack";

/** The configuration of a worker, as a test makes it for a control plane. */
export interface WorkerConfigs {
  /** kubelet and kubeadm are there, and kubeadm may go on. */
  readonly forKubeadm: ClusterConfig;
  /** The hard way: kubelet and kube-proxy run, with credentials that the cluster's authority has signed. */
  readonly byHand: ClusterConfig;
}

/**
 * Configurations of one worker, `node-0`, which registers under the machine's host name. The machine downloads its
 * programs from `outside`.
 */
export async function workerConfigs(
  machine: TestMachine,
  plane: ControlPlane,
  outside: Web,
): Promise<WorkerConfigs> {
  const nodes = { "node-0": { machine, role: "worker", podSubnet: "10.200.0.0/24" } } as const;
  const forKubeadm = await programs(plane, outside, ["kubelet", "kubeadm"]);
  const all = await programs(plane, outside, ["kubelet", "kubeadm", "kube-proxy"]);
  return {
    forKubeadm: clusterConfig(nodes, { kubernetes: forKubeadm }),
    byHand: clusterConfig(nodes, { kubernetes: all, ...(await credentials(machine, plane)) }),
  };
}

async function credentials(machine: TestMachine, plane: ControlPlane): Promise<ClusterConfig> {
  const kubelet = await kubeletCredentials(plane, machine.name);
  return {
    kubelet: {
      caFile: plane.authority.self.certificate,
      certificateFile: kubelet.certificate,
      privateKeyFile: kubelet.key,
      kubeconfigFile: kubeconfigFile(plane, machine.name),
    },
    kubeProxy: { kubeconfigFile: await proxyCredentials(plane) },
  };
}
