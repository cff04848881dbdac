import type { Facts } from "../../plan/facts";

/** Packages of what the kubelet, the bridge plugin and kube-proxy call. */
export function networkTools({ packageManager, osVersion }: Facts): readonly string[] {
  if (packageManager !== "dnf") return ["conntrack", "ipset", "iptables", "socat"];
  return ["conntrack-tools", "ipset", osVersion.startsWith("8") ? "iptables" : "iptables-nft", "socat"];
}
