import { readFile } from "node:fs/promises";
import { programs } from "../../../lab/cluster/config";
import type { ControlPlane } from "../../../lab/control-plane";
import {
  kubeconfigFile,
  kubeletCredentials,
  proxyCredentials,
} from "../../../lab/control-plane/worker-credentials";
import type { Web } from "../../../lab/web";
import { clusterConfig, type TestNode } from "./config";
import { kubeletPorts, type TestMachine } from "./machine";
import type { ClusterConfig } from "./stack";

/** The configuration of workers, as a test makes it for a control plane. */
export interface WorkerConfigs {
  /** node-0 has kubelet and kubeadm, and kubeadm may go on. */
  readonly forKubeadm: ClusterConfig;
  /** The hard way: kubelets and kube-proxies run, with credentials that the cluster's authority has signed. */
  readonly byHand: (second: TestMachine) => ClusterConfig;
  /** The same, but node-1 is gone for good. */
  readonly withDead: (second: TestMachine) => ClusterConfig;
}

/**
 * Configurations of one worker and of two, which register under their machines' host names. The machines download
 * their programs from `outside`.
 */
export async function workerConfigs(
  first: TestMachine,
  plane: ControlPlane,
  outside: Web,
): Promise<WorkerConfigs> {
  const worker = (machine: TestMachine, index: number, more: object = {}): Record<string, TestNode> => ({
    [`node-${index}`]: { machine, role: "worker", podSubnet: `10.200.${index}.0/24`, ...more },
  });
  const forKubeadm = await programs(plane, outside, ["kubelet", "kubeadm"]);
  const all = await programs(plane, outside, ["kubelet", "kubeadm", "kube-proxy"]);
  const byHand = { kubernetes: all, ...(await credentials(plane)) };
  const both = (second: TestMachine, config: ClusterConfig, more: object = {}): ClusterConfig =>
    clusterConfig({ ...worker(first, 0), ...worker(second, 1, more) }, config);
  return {
    forKubeadm: clusterConfig(worker(first, 0), { kubernetes: forKubeadm }),
    byHand: (second) => both(second, byHand),
    withDead: (second) => both(second, byHand, { retire: "abandon" }),
  };
}

/** A line of the private key of a node's kubelet: it may be nowhere but on that node. */
export const keyText = async (plane: ControlPlane, node: string): Promise<string> => {
  const [, , line = ""] = (await readFile(plane.path(`pki/${node}.key`), "utf8")).split("\n");
  if (!/^[A-Za-z0-9+/]{64}$/.test(line)) throw new Error(`the key of ${node} is no PEM text`);
  return line;
};

async function credentials(plane: ControlPlane): Promise<{ kubelet: object; kubeProxy: object }> {
  for (const [index, name] of Object.keys(kubeletPorts).entries())
    await kubeletCredentials(plane, name, `node-${index}`);
  return {
    kubelet: {
      caFile: plane.authority.self.certificate,
      certificateFile: plane.path("pki/{node}.crt"),
      privateKeyFile: plane.path("pki/{node}.key"),
      kubeconfigFile: kubeconfigFile(plane, "{node}"),
    },
    kubeProxy: { kubeconfigFile: await proxyCredentials(plane) },
  };
}
