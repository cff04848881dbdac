import { writeFile } from "node:fs/promises";
import type { ControlPlane } from ".";
import type { Certificate } from "./certificates";

/**
 * Makes what the kubelet of a node needs, signed by the cluster's authority, in files of that name; returns its
 * certificate and key.
 */
export async function kubeletCredentials(
  plane: ControlPlane,
  node: string,
  file = node,
): Promise<Certificate> {
  const kubelet = await plane.authority.issue(file, {
    name: `system:node:${node}`,
    organization: "system:nodes",
    reachedBy: [`DNS:${node}`],
  });
  await writeKubeconfig(plane, file, kubelet);
  return kubelet;
}

/** Makes kube-proxy's kubeconfig; returns the file. */
export async function proxyCredentials(plane: ControlPlane): Promise<string> {
  return writeKubeconfig(
    plane,
    "kube-proxy",
    await plane.authority.issue("kube-proxy", { name: "system:kube-proxy" }),
  );
}

/** The file that has the kubeconfig of a node's kubelet, or of kube-proxy. */
export const kubeconfigFile = (plane: ControlPlane, whose: string): string =>
  plane.path(`${whose}.kubeconfig`);

async function writeKubeconfig(plane: ControlPlane, whose: string, user: Certificate): Promise<string> {
  const file = kubeconfigFile(plane, whose);
  await writeFile(file, await plane.kubeconfigOf(user), { mode: 0o600 });
  return file;
}
