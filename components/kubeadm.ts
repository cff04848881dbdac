import { stringify } from "yaml";
import { isLoopback, parseAddress } from "../config/cidr";
import { minorOf } from "../config/kubernetes-versions";
import type { ClusterSpec, NodeSpec } from "../config/types";

/**
 * kubeadm's configuration for the nodes that were prepared: plain functions from the specification to YAML documents.
 * https://kubernetes.io/docs/reference/config-api/kubeadm-config.v1beta4/
 */

/**
 * v1beta4 came with Kubernetes 1.31, v1beta3 with 1.22, and v1beta2 was read before. What is used here is the same in
 * all of them.
 */
const apiVersion = ({ kubernetesVersion }: ClusterSpec): string => {
  const minor = minorOf(kubernetesVersion);
  return `kubeadm.k8s.io/${minor >= 31 ? "v1beta4" : minor >= 22 ? "v1beta3" : "v1beta2"}`;
};

/** Where nodes reach the API server, `host:port`; undefined without control plane node and without setting. */
export function apiEndpoint({ kubeadm, nodes }: ClusterSpec): string | undefined {
  const host =
    kubeadm.controlPlaneEndpoint ?? nodes.find(({ role }) => role === "control-plane")?.connection.host;
  if (host === undefined) return undefined;
  const plain = parseAddress(host)?.kind() === "ipv6" ? `[${host}]` : host;
  return /[^:]:\d+$/.test(plain) ? plain : `${plain}:6443`;
}

/** `ClusterConfiguration`: the same for the whole cluster. */
export function clusterConfiguration(spec: ClusterSpec): string {
  const endpoint = apiEndpoint(spec);
  return stringify({
    apiVersion: apiVersion(spec),
    kind: "ClusterConfiguration",
    clusterName: spec.name,
    kubernetesVersion: `v${spec.kubernetesVersion}`,
    ...(endpoint === undefined ? {} : { controlPlaneEndpoint: endpoint }),
    networking: {
      podSubnet: spec.podCidrs.join(","),
      serviceSubnet: spec.serviceCidrs.join(","),
      dnsDomain: "cluster.local",
    },
  });
}

/** `KubeletConfiguration` for kubeadm: what the nodes were prepared for; kubeadm adds the rest. */
export const kubeletConfiguration = (spec: ClusterSpec): string =>
  stringify({
    apiVersion: "kubelet.config.k8s.io/v1beta1",
    kind: "KubeletConfiguration",
    cgroupDriver: spec.runtime.cgroupDriver,
    failSwapOn: spec.swap === "disabled",
  });

/** `InitConfiguration` for the first control plane node; without a token kubeadm makes one. */
export const initConfiguration = (
  spec: ClusterSpec,
  node: NodeSpec,
  token: string | undefined,
  criSocket: string,
): string =>
  stringify({
    apiVersion: apiVersion(spec),
    kind: "InitConfiguration",
    ...(token === undefined
      ? {}
      : {
          bootstrapTokens: [
            {
              token,
              ttl: "24h0m0s",
              usages: ["signing", "authentication"],
              groups: ["system:bootstrappers:kubeadm:default-node-token"],
            },
          ],
        }),
    ...localEndpoint(node),
    nodeRegistration: { criSocket },
  });

/** `JoinConfiguration` for every other node. Whole once the hashes of the CA are known. */
export function joinConfiguration(
  spec: ClusterSpec,
  node: NodeSpec,
  token: string,
  criSocket: string,
): string {
  const { caCertHashes } = spec.kubeadm;
  const endpoint = apiEndpoint(spec);
  return stringify({
    apiVersion: apiVersion(spec),
    kind: "JoinConfiguration",
    ...(node.role === "control-plane" ? { controlPlane: localEndpoint(node) } : {}),
    discovery: {
      bootstrapToken: {
        ...(endpoint === undefined ? {} : { apiServerEndpoint: endpoint }),
        token,
        ...(caCertHashes.length === 0 ? {} : { caCertHashes }),
      },
    },
    nodeRegistration: { criSocket },
  });
}

/** The address that the API server of a node is reached at, where it is known: kubeadm finds it out otherwise. */
function localEndpoint({ connection: { host } }: NodeSpec): { localAPIEndpoint?: object } {
  const address = parseAddress(host);
  if (address === undefined || isLoopback(address)) return {};
  return { localAPIEndpoint: { advertiseAddress: address.toString(), bindPort: 6443 } };
}
