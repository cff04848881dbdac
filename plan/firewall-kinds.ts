import type { Requirement } from "./requirement";

/** One entry of a firewalld zone, as a requirement states it. */
export interface FirewallRule {
  readonly zone: string;
  /** `port/10250/tcp`, `port/22/tcp/from/192.0.2.0/24`, `source/10.200.0.0/16` or `protocol/ipip`. */
  readonly entry: string;
  /** `open` or `closed` (to everybody, its sources apart) for ports, `present` for the others. */
  readonly state: "open" | "closed" | "present";
}

/** TCP, UDP or SCTP port, or a range of them, e.g. `10250/tcp`: open to everybody, or to these sources only. */
export function portRules(zone: string, port: string, sources: readonly string[] = []): FirewallRule[] {
  if (sources.length === 0) return [{ zone, entry: `port/${port}`, state: "open" }];
  return [
    ...sources.map((cidr) => ({ zone, entry: `port/${port}/from/${cidr}`, state: "present" as const })),
    { zone, entry: `port/${port}`, state: "closed" as const },
  ];
}

/** Packets from these networks belong to the zone. */
export const sourceRule = (zone: string, cidr: string): FirewallRule => ({
  zone,
  entry: `source/${cidr}`,
  state: "present",
});

/** IP packets of this protocol are let in. */
export const protocolRule = (zone: string, protocol: string): FirewallRule => ({
  zone,
  entry: `protocol/${protocol}`,
  state: "present",
});

/** The rule in the rules that are in force now. */
export const running = (rule: FirewallRule): Requirement => ruleRequirement("firewall_running", rule);

/** The rule in the zone's file, from which firewalld starts. */
export const permanent = (rule: FirewallRule): Requirement => ruleRequirement("firewall_permanent", rule);

const ruleRequirement = (kind: string, { zone, entry, state }: FirewallRule): Requirement => ({
  kind,
  key: `${zone}/${entry}`,
  value: state,
});

/** firewalld runs; changes of its rules are rolled back unless they are confirmed within these seconds. */
export const firewallDaemon = (confirmWithin: number): Requirement => ({
  kind: "firewall_daemon",
  key: "firewalld",
  value: `running confirm-within=${confirmWithin}`,
});
