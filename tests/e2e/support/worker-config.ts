import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ControlPlane } from "../../../lab/control-plane";
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
 * programs from `url`.
 */
export async function workerConfigs(
  machine: TestMachine,
  plane: ControlPlane,
  url: string,
): Promise<WorkerConfigs> {
  const nodes = { "node-0": { machine, role: "worker", podSubnet: "10.200.0.0/24" } } as const;
  const sums = async (...names: string[]): Promise<Record<string, object>> =>
    Object.fromEntries(
      await Promise.all(
        names.map(async (name) => [name, { amd64: await sha256(join(plane.programs, name)) }]),
      ),
    ) as Record<string, object>;
  const programs = { url: `${url}/{name}`, sha256: await sums("kubelet", "kubeadm") };
  const all = { ...programs, sha256: { ...programs.sha256, ...(await sums("kube-proxy")) } };
  return {
    forKubeadm: clusterConfig(nodes, { kubernetes: programs }),
    byHand: clusterConfig(nodes, { kubernetes: all, ...(await credentials(machine, plane)) }),
  };
}

async function credentials(machine: TestMachine, plane: ControlPlane): Promise<ClusterConfig> {
  const { authority } = plane;
  const name = machine.name;
  const kubelet = await authority.issue("kubelet", {
    name: `system:node:${name}`,
    organization: "system:nodes",
    reachedBy: [`DNS:${name}`],
  });
  const proxy = await authority.issue("kube-proxy", { name: "system:kube-proxy" });
  const files = { kubelet: plane.path("kubelet.kubeconfig"), proxy: plane.path("proxy.kubeconfig") };
  await writeFile(files.kubelet, await plane.kubeconfigOf(kubelet));
  await writeFile(files.proxy, await plane.kubeconfigOf(proxy));
  return {
    kubelet: {
      caFile: authority.self.certificate,
      certificateFile: kubelet.certificate,
      privateKeyFile: kubelet.key,
      kubeconfigFile: files.kubelet,
    },
    kubeProxy: { kubeconfigFile: files.proxy },
  };
}

const sha256 = async (file: string): Promise<string> =>
  createHash("sha256")
    .update(await readFile(file))
    .digest("hex");
