import { createHash, createHmac, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { stringify } from "yaml";
import type { StackOutputs } from "../../../components/outputs-schema";
import type { ControlPlane } from "../../../lab/control-plane";
import type { TestMachine } from "./machine";
import type { ClusterConfig } from "./stack";

/** Only ever used in a cluster that a test throws away. */
export const token = "abcdef.0123456789abcdef";

/** What no lab machine has: two cores, 1700 MB of memory, and images, which are in a registry. */
const ignored = "--ignore-preflight-errors=NumCPU,Mem,ImagePull";

/** The settings that make a worker's outputs whole: kubeadm can join it to the cluster. */
export const joining = (plane: ControlPlane): ClusterConfig => ({
  controlPlaneEndpoint: plane.url.replace("https://", ""),
  caCertHashes: [`sha256:${hashOfKey(readFileSync(plane.authority.self.certificate))}`],
});

/** What kubeadm calls the hash of a CA: that of its public key. */
const hashOfKey = (certificate: Buffer): string =>
  createHash("sha256")
    .update(new X509Certificate(certificate).publicKey.export({ type: "spki", format: "der" }))
    .digest("hex");

/** A document for `kubeadm init` on a node that is to be the first: an InitConfiguration, and what the outputs have. */
export const initDocument = ({ cluster, nodes }: StackOutputs): string => {
  const criSocket = nodes["node-0"]?.criSocket;
  const init = stringify({
    apiVersion: "kubeadm.k8s.io/v1beta4",
    kind: "InitConfiguration",
    bootstrapTokens: [{ token }],
    nodeRegistration: { criSocket },
  });
  return [init, cluster.clusterConfiguration, cluster.kubeletConfiguration].join("---\n");
};

/**
 * What kubeadm looks for in the cluster that a node is to join, made by kubeadm's own phases. The controller manager,
 * which does not run here, would sign the cluster's address and CA with the token: that is done in its place.
 */
export async function letKubeadmJoin(plane: ControlPlane, init: string): Promise<void> {
  for (const phase of [["upload-config", "all"], ["bootstrap-token"]])
    await plane.kubeadm(["init", "phase", ...phase], init);
  const kubeconfig = await plane.kubeconfigOf();
  const [id = ""] = token.split(".");
  const data = { kubeconfig, [`jws-kubeconfig-${id}`]: signature(kubeconfig) };
  const patch = ["--namespace=kube-public", "patch", "configmap", "cluster-info", "--type=merge"];
  await plane.kubectl([...patch, "-p", JSON.stringify({ data })]);
}

/** A JSON Web Signature without its content, RFC 7515 appendix F. */
function signature(content: string): string {
  const [kid = "", secret = ""] = token.split(".");
  const header = base64url(JSON.stringify({ alg: "HS256", kid }));
  const hmac = createHmac("sha256", secret).update(`${header}.${base64url(content)}`);
  return `${header}..${hmac.digest("base64url")}`;
}

const base64url = (text: string): string => Buffer.from(text).toString("base64url");

/** What kubeadm's own checks object to on the machine; nothing where it would go on. */
export async function preflight(
  machine: TestMachine,
  verb: "init" | "join",
  document: string,
): Promise<readonly string[]> {
  const file = `/root/kubeadm/${verb}.yaml`;
  await machine.exec(`mkdir -p /root/kubeadm && cat > ${file}`, { input: document });
  const { code, stderr } = await machine.exec(`kubeadm ${verb} phase preflight --config ${file} ${ignored}`);
  const objections = stderr.split("\n").filter((line) => line.includes("[ERROR"));
  return code === 0 || objections.length > 0 ? objections : [stderr];
}
