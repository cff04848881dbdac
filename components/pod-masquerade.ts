import { isIPv6Cidr } from "../config/cidr";
import { file, pkg, service } from "../plan/kinds";
import { requirementName, type Requirement } from "../plan/requirement";

const table = "nodeprep_pods";
const rulesPath = "/etc/cni/pod-masquerade.nft";
const unit = "nodeprep-pod-masquerade.service";

/**
 * Pods leave the node under its address. The bridge plugin sees to that too, once for each Pod, with iptables; but a
 * firewalld that starts, stops or reloads flushes all of those, and nobody makes them again for Pods that run. It leaves
 * nftables' tables of others alone: so here is one of our own.
 */
export function podMasquerade(
  podSubnets: readonly string[],
  podCidrs: readonly string[],
): readonly Requirement[] {
  const families = ["ip", "ip6"].filter((family) => ofFamily(podSubnets, family).length > 0);
  const rules = file(rulesPath, families.map((family) => tableOf(family, podSubnets, podCidrs)).join(""));
  const unitFile = file(`/etc/systemd/system/${unit}`, unitOf(families));
  return [
    pkg("nftables", { early: true }),
    rules,
    unitFile,
    service(unit, {
      restartAfter: [rules, unitFile].map(requirementName),
      tables: families.map((family) => `${family}/${table}`),
    }),
  ];
}

const ofFamily = (cidrs: readonly string[], family: string): readonly string[] =>
  cidrs.filter((cidr) => isIPv6Cidr(cidr) === (family === "ip6"));

/** The table is made anew as a whole. It comes after the plugin's own rules, which have priority 100. */
const tableOf = (family: string, podSubnets: readonly string[], podCidrs: readonly string[]): string => {
  const multicast = family === "ip" ? "224.0.0.0/4" : "ff00::/8";
  const near = [...ofFamily(podCidrs, family), multicast].join(", ");
  return `table ${family} ${table}
delete table ${family} ${table}
table ${family} ${table} {
  chain postrouting {
    type nat hook postrouting priority 101; policy accept;
    ${family} saddr { ${ofFamily(podSubnets, family).join(", ")} } ${family} daddr != { ${near} } masquerade
  }
}
`;
};

const unitOf = (families: readonly string[]): string => `[Unit]
Description=Pods leave this node under its address
Documentation=file:${rulesPath}

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/sbin/nft -f ${rulesPath}
${families.map((family) => `ExecStop=-/usr/sbin/nft delete table ${family} ${table}\n`).join("")}
[Install]
WantedBy=multi-user.target
`;
