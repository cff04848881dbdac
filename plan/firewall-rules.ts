import type { Facts } from "./facts";
import {
  type FirewallRule,
  type Ports,
  closedPorts,
  interfaceOf,
  openPorts,
  openPortsFrom,
  openProtocol,
  parsePorts,
  portsText,
  sourceOf,
} from "./firewall-kinds";
import { type FirewallCni, type PortGroup, cniTraffic, merged, rolePorts, share } from "./firewall-ports";
import type { NodeContext } from "./stage";

/** Arguments of the three stages of the firewall; each takes the same. */
export interface FirewallArgs {
  /** The zone that gets the ports. Default `auto`: that of the interface that carries SSH. */
  readonly zone?: string;
  /** `port/protocol` or `first-last/protocol`, besides those of the role and the CNI. Default none. */
  readonly extraPorts?: readonly string[];
  /** CIDRs that may reach SSH. Default: all. */
  readonly sshSources?: readonly string[];
  /** CIDRs that may reach the ports of a control plane node. Default: all. */
  readonly controlPlaneSources?: readonly string[];
  /** Seconds in which new rules must be confirmed over a new connection. Default 300. */
  readonly confirmWithin?: number;
  /** Default `bridge`. */
  readonly cni?: FirewallCni;
}

/** firewalld's own zone in which everything may pass. A zone of our own would need a reload, which a node cannot take. */
const trustedZone = "trusted";

/** Ports of one zone that some networks may reach, or everybody where none is named. */
interface Opening extends PortGroup {
  readonly zone: string;
  readonly sources: readonly string[];
}

/** All rules of a node: doors first, closing last. */
export function firewallRules(args: FirewallArgs, facts: Facts, node: NodeContext): readonly FirewallRule[] {
  const zone = args.zone === undefined || args.zone === "auto" ? facts.sshZone : args.zone;
  const { cni = "bridge" } = args;
  const traffic = cniTraffic[cni];
  const openings = openingsOf({ ...args, cni }, zone, facts, node);
  const limited = openings.filter(({ sources }) => sources.length > 0);
  const wide = openings.filter(({ sources }) => sources.length === 0);
  refuseContradiction(wide, limited);
  return [
    ...limited.flatMap(({ zone, ports, sources }) =>
      ports.flatMap((port) => sources.map((from) => openPortsFrom(zone, port, from))),
    ),
    ...[...new Set(wide.map(({ zone }) => zone))].flatMap((name) =>
      merged(wide.filter(({ zone }) => zone === name).flatMap(({ ports }) => ports)).map((port) =>
        openPorts(name, port),
      ),
    ),
    ...traffic.protocols.map((number) => openProtocol(zone, number)),
    ...traffic.interfaces.map((name) => interfaceOf(zone, name)),
    ...node.podCidrs.map((cidr) => sourceOf(trustedZone, cidr)),
    ...limited.flatMap(({ zone, ports }) => ports.map((port) => closedPorts(zone, port))),
  ];
}

function openingsOf(
  args: FirewallArgs & { readonly cni: FirewallCni },
  zone: string,
  facts: Facts,
  node: NodeContext,
): readonly Opening[] {
  const isControlPlane = node.role === "control-plane";
  return [
    {
      why: "firewall.sshSources",
      zone: facts.sshZone,
      ports: doors(facts, node),
      sources: args.sshSources ?? [],
    },
    {
      why: isControlPlane ? "firewall.controlPlaneSources" : "the role worker",
      zone,
      ports: rolePorts[node.role],
      sources: isControlPlane ? (args.controlPlaneSources ?? []) : [],
    },
    { why: `the CNI plugin ${args.cni}`, zone, ports: cniTraffic[args.cni].ports, sources: [] },
    { why: "firewall.extraPorts", zone, ports: (args.extraPorts ?? []).map(parsePorts), sources: [] },
  ];
}

function doors({ sshPorts }: Facts, { name }: NodeContext): readonly Ports[] {
  if (sshPorts.length === 0)
    throw new Error(
      `node ${name}: no port was found on which sshd listens, so the firewall cannot keep it open; is sshd really the SSH server there? firewall.backend: none leaves the firewall alone`,
    );
  return sshPorts.map((port) => ({ first: port, last: port, protocol: "tcp" }));
}

/** A port cannot be open to everybody and to some only. */
function refuseContradiction(wide: readonly Opening[], limited: readonly Opening[]): void {
  for (const limit of limited)
    for (const open of wide)
      for (const port of open.ports) {
        const clash = open.zone === limit.zone && limit.ports.find((other) => share(port, other));
        if (clash)
          throw new Error(
            `${open.why} opens ${portsText(port)} to everybody in zone ${open.zone}, ${limit.why} limits ${portsText(clash)}: let one of them leave out that port`,
          );
      }
}
