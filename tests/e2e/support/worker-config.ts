import { readFile } from "node:fs/promises";
import { programs } from "../../../lab/cluster/config";
import type { ControlPlane } from "../../../lab/control-plane";
import {
  kubeconfigFile,
  kubeletCredentials,
  proxyCredentials,
} from "../../../lab/control-plane/worker-credentials";
import { loadImages } from "../../../lab/pods";
import type { Web } from "../../../lab/web";
import { clusterConfig, type TestNode } from "./config";
import { eventually } from "./eventually";
import { kubeletPorts, type TestMachine } from "./machine";
import { preparedTwin } from "./prepared-cluster";
import type { ClusterConfig } from "./stack";

/** Who nodeprep is on the second worker. */
const operator = "ops";

/** Brings the machine the images of Pods: there is no registry. */
export const loadPodImages = (machine: TestMachine): Promise<void> => loadImages(machine, "1.34.2");

/** A prepared machine that no stack knows, on which nodeprep has a user that is not root. */
export async function secondWorker(): Promise<TestMachine> {
  const machine = await preparedTwin();
  await machine.sh(`
    useradd -m ${operator} && install -d -m 700 -o ${operator} ~${operator}/.ssh
    install -m 600 -o ${operator} /root/.ssh/authorized_keys ~${operator}/.ssh/
    echo '${operator} ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/${operator}
  `);
  await loadPodImages(machine);
  return machine;
}

/** Waits until the machine's kube-proxy answers whether it is well: before that, it sets sysctls. */
export const proxyServes = (machine: TestMachine): Promise<true> =>
  eventually("kube-proxy serves", async () =>
    (await machine.sh("ss -Hltn 'sport = :10256'")) === "" ? undefined : true,
  );

/** The configuration of workers, as a test makes it for a control plane. */
export interface WorkerConfigs {
  /** node-0 has kubelet and kubeadm, and kubeadm may go on. */
  readonly forKubeadm: ClusterConfig;
  /** The hard way: kubelets and kube-proxies run, with credentials that the cluster's authority has signed. */
  readonly byHand: (second: TestMachine) => ClusterConfig;
  /** The same, but node-1 is gone for good, and kube-proxy works in another mode. */
  readonly withDead: (second: TestMachine, mode: "nftables" | "ipvs") => ClusterConfig;
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
    clusterConfig({ ...worker(first, 0), ...worker(second, 1, { user: operator, ...more }) }, config);
  return {
    forKubeadm: clusterConfig(worker(first, 0), { kubernetes: forKubeadm }),
    byHand: (second) => both(second, byHand),
    withDead: (second, mode) =>
      both(second, { ...byHand, kubeProxy: { ...byHand.kubeProxy, mode } }, { retire: "abandon" }),
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
