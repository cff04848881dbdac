import type { Requirement } from "./requirement";

/** What must hold for one zone of firewalld, in the running and in the permanent rules alike. */
export interface FirewallRule {
  readonly zone: string;
  /** `port/10250/tcp`, `port/6443/tcp/from/10.0.0.0/8`, `source/10.200.0.0/16`, `interface/cni0`, `protocol/4`. */
  readonly entry: string;
  /** `closed` is for ports: not open to everybody. Whom a rule of its own lets in, still enters. */
  readonly state: "open" | "closed" | "present";
}

/** A port or a range of ports of one protocol; `first` and `last` are included. */
export interface Ports {
  readonly first: number;
  readonly last: number;
  readonly protocol: "tcp" | "udp" | "sctp";
}

/**
 * Reads `8080/tcp` or `30000-32767/udp`.
 *
 * @throws when the text is of neither form
 */
export function parsePorts(text: string): Ports {
  const match = /^(\d{1,5})(?:-(\d{1,5}))?\/(tcp|udp|sctp)$/.exec(text);
  const [first, last] = [Number(match?.[1]), Number(match?.[2] ?? match?.[1])];
  if (match === null || first < 1 || last > 65535 || first > last)
    throw new Error(
      `${JSON.stringify(text)} must be port/protocol or first-last/protocol, with tcp, udp or sctp, like 8080/tcp`,
    );
  return { first, last, protocol: match[3] as Ports["protocol"] };
}

/** The text that {@link parsePorts} reads, and firewalld too. */
export const portsText = ({ first, last, protocol }: Ports): string =>
  `${first === last ? first : `${first}-${last}`}/${protocol}`;

/** Everybody may reach the ports. */
export const openPorts = (zone: string, ports: Ports): FirewallRule => ({
  zone,
  entry: `port/${portsText(ports)}`,
  state: "open",
});

/** A network (CIDR) may reach the ports. */
export const openPortsFrom = (zone: string, ports: Ports, from: string): FirewallRule => ({
  zone,
  entry: `port/${portsText(ports)}/from/${from}`,
  state: "present",
});

/** No rule opens any of the ports to everybody. */
export const closedPorts = (zone: string, ports: Ports): FirewallRule => ({
  zone,
  entry: `port/${portsText(ports)}`,
  state: "closed",
});

/** A network (CIDR) belongs to the zone. */
export const sourceOf = (zone: string, cidr: string): FirewallRule => ({
  zone,
  entry: `source/${cidr}`,
  state: "present",
});

/** A network interface belongs to the zone, also one that is not there yet. */
export const interfaceOf = (zone: string, name: string): FirewallRule => ({
  zone,
  entry: `interface/${name}`,
  state: "present",
});

/** An IP protocol may pass; by its number, since names differ between distributions. */
export const openProtocol = (zone: string, number: number): FirewallRule => ({
  zone,
  entry: `protocol/${number}`,
  state: "present",
});

/**
 * firewalld runs, and no running rule waits to be confirmed.
 *
 * @param confirmWithin seconds after which the node puts its old rules back when nothing has confirmed the new ones
 */
export const firewallDaemon = (confirmWithin: number): Requirement => ({
  kind: "firewall_daemon",
  key: "firewalld",
  value: `running confirm-within=${confirmWithin}`,
});

/** The seconds of {@link firewallDaemon} among these requirements. */
export function confirmWithinOf(requirements: readonly Requirement[]): number | undefined {
  const value = requirements.find(({ kind }) => kind === "firewall_daemon")?.value;
  const seconds = /confirm-within=(\d+)$/.exec(value ?? "")?.[1];
  return seconds === undefined ? undefined : Number(seconds);
}

/** The rule is in force now. */
export const firewallRunning = (rule: FirewallRule): Requirement => requirement("firewall_running", rule);

/** The rule is in the zone's file, from which firewalld starts. */
export const firewallPermanent = (rule: FirewallRule): Requirement => requirement("firewall_permanent", rule);

const requirement = (kind: string, { zone, entry, state }: FirewallRule): Requirement => ({
  kind,
  key: `${zone}/${entry}`,
  value: state,
});
