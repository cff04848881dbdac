import type { Facts } from "../../plan/facts";
import { pkg } from "../../plan/kinds";
import type { Requirement } from "../../plan/requirement";

/** What the kubelet, the bridge plugin and kube-proxy call. */
export function networkTools({ packageManager, osVersion }: Facts): readonly Requirement[] {
  const iptables = packageManager === "dnf" && !osVersion.startsWith("8") ? "iptables-nft" : "iptables";
  const conntrack = packageManager === "dnf" ? "conntrack-tools" : "conntrack";
  return [conntrack, "ipset", iptables, "socat"].map((name) => pkg(name, { early: true }));
}
