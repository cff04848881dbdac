import type { Facts } from "../plan/facts";
import { file, service } from "../plan/kinds";
import { requirementName, type Requirement } from "../plan/requirement";

/**
 * Interfaces that Kubernetes' networks make on a node, of every network: which one comes is decided after the node was
 * prepared. Calico's are those of its documentation
 * (https://docs.tigera.io/calico/latest/operations/troubleshoot/troubleshooting#configure-networkmanager).
 */
const interfaces: readonly string[] = [
  // the CNI project's plugins, flannel
  ...["cni*", "veth*", "flannel*"],
  // Calico: pods, IP in IP, VXLAN, WireGuard
  ...["cali*", "tunl*", "vxlan.calico", "vxlan-v6.calico", "wireguard.cali", "wg-v6.cali"],
  // Cilium: its own, pods
  ...["cilium*", "lxc*"],
  // kube-proxy in mode ipvs, NodeLocal DNSCache
  ...["kube-ipvs0", "nodelocaldns"],
];

const unmanaged = file(
  "/etc/NetworkManager/conf.d/90-nodeprep-cni.conf",
  `[keyfile]\nunmanaged-devices+=${interfaces.map((name) => `interface-name:${name}`).join(";")}\n`,
);

/**
 * NetworkManager, where it runs, leaves the interfaces of pods alone: it would take them for networks that it has to set
 * up, and take their addresses and routes away. It reads that without letting go of any connection.
 */
export const podInterfacesUnmanaged = ({ networkManager }: Facts): readonly Requirement[] =>
  networkManager
    ? [unmanaged, service("NetworkManager.service", { reloadAfter: [requirementName(unmanaged)] })]
    : [];
