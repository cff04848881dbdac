import { stringify } from "yaml";
import type { ControlPlane } from "../../../lab/control-plane";
import type { TestMachine } from "./machine";

/** Only ever used in a cluster that a test throws away. */
const token = "abcdef.0123456789abcdef";

/** What no lab machine has: two cores, 1700 MB of memory, and images, which are in a registry. */
const ignored = "--ignore-preflight-errors=NumCPU,Mem,ImagePull";

const kubeadmDocuments = (kinds: Readonly<Record<string, object>>): string =>
  Object.entries(kinds)
    .map(([kind, value]) => stringify({ apiVersion: "kubeadm.k8s.io/v1beta4", kind, ...value }))
    .join("---\n");

/** kubeadm's ClusterConfiguration, InitConfiguration and JoinConfiguration for the machine and the API server. */
export function documents(plane: ControlPlane, criSocket: string): { init: string; join: string } {
  const nodeRegistration = { criSocket };
  const networking = { podSubnet: "10.200.0.0/16", serviceSubnet: plane.options.serviceCidr };
  const endpoint = plane.url.replace("https://", "");
  return {
    init: kubeadmDocuments({
      InitConfiguration: { bootstrapTokens: [{ token }], nodeRegistration },
      ClusterConfiguration: {
        kubernetesVersion: "v1.34.2",
        controlPlaneEndpoint: endpoint,
        networking,
      },
    }),
    join: kubeadmDocuments({
      JoinConfiguration: {
        discovery: { file: { kubeConfigPath: "/root/kubeadm/discovery.conf" }, tlsBootstrapToken: token },
        nodeRegistration,
      },
    }),
  };
}

/** What kubeadm looks for in the cluster that a node is to join, made by kubeadm's own phases. */
export async function letKubeadmJoin(plane: ControlPlane, init: string): Promise<void> {
  for (const phase of [["upload-config", "all"], ["bootstrap-token"]])
    await plane.kubeadm(["init", "phase", ...phase], init);
}

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
