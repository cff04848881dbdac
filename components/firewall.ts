import type { CniType } from "../config/types";
import type { Facts } from "../plan/facts";
import {
  firewallDaemon,
  permanent,
  portRules,
  protocolRule,
  running,
  sourceRule,
  type FirewallRule,
} from "../plan/firewall-kinds";
import { pkg, service } from "../plan/kinds";
import type { NodeContext, StageDefinition } from "../plan/stage";
import { StageComponent } from "./stage-component";

/** Arguments of the three firewall stages; they must be the same for all of them. */
export interface FirewallArgs {
  /** A firewalld zone, or `auto`: the zone of the interface that carries SSH. */
  readonly zone: string;
  /** More ports: `port/protocol` or `first-last/protocol`. */
  readonly extraPorts: readonly string[];
  /** CIDRs that may reach SSH; empty: all. */
  readonly sshSources: readonly string[];
  /** CIDRs that may reach the control plane's ports; empty: all. */
  readonly controlPlaneSources: readonly string[];
  /** Seconds in which new rules must be confirmed over a new SSH connection before the old ones come back. */
  readonly confirmWithin: number;
  /** The CNI plugin, whose ports are opened too. */
  readonly cni: CniType;
}

/** Ports of a role (kubernetes.io, "Ports and Protocols"). */
export const rolePorts: Readonly<Record<NodeContext["role"], readonly string[]>> = {
  "control-plane": ["6443/tcp", "2379-2380/tcp", "10250/tcp", "10257/tcp", "10259/tcp"],
  worker: ["10250/tcp", "30000-32767/tcp"],
};

/** Ports and IP protocols between nodes, from each plugin's page of system requirements. */
export const cniNeeds: Readonly<
  Record<CniType, { readonly ports: readonly string[]; readonly protocols: readonly string[] }>
> = {
  bridge: { ports: [], protocols: [] },
  other: { ports: [], protocols: [] },
  flannel: { ports: ["8472/udp"], protocols: [] },
  calico: { ports: ["179/tcp", "4789/udp", "5473/tcp"], protocols: ["ipip"] },
  cilium: { ports: ["8472/udp", "4240/tcp"], protocols: [] },
};

/** Everything that firewalld must let in on this node. */
export function firewallRules(args: FirewallArgs, facts: Facts, node: NodeContext): FirewallRule[] {
  const zone = args.zone === "auto" ? facts.sshZone : args.zone;
  const { ports, protocols } = cniNeeds[args.cni];
  const sources = node.role === "control-plane" ? args.controlPlaneSources : [];
  return [
    ...sshPorts(facts).flatMap((port) => portRules(zone, `${port}/tcp`, args.sshSources)),
    ...rolePorts[node.role].flatMap((port) => portRules(zone, port, sources)),
    ...[...ports, ...args.extraPorts].flatMap((port) => portRules(zone, port)),
    ...protocols.map((protocol) => protocolRule(zone, protocol)),
    ...node.podCidrs.map((cidr) => sourceRule("trusted", cidr)),
  ];
}

/** The doors that sshd has; never none, since the operator came in through one. */
function sshPorts({ sshPorts: ports }: Facts): readonly number[] {
  if (ports.length === 0)
    throw new Error(
      "no port is known on which sshd listens, so the firewall could lock everybody out; see `ss -ltnp`",
    );
  return ports;
}

/**
 * First in, last out: firewalld is installed here, with its unit masked, and removed here. Undo of this stage is the
 * new connection that confirms the undo of the rules.
 */
export const firewallGuard: StageDefinition<FirewallArgs> = {
  name: "firewall-guard",
  requirements: () => [
    // firewalld reads /etc/protocols, which its package does not depend on.
    pkg("netbase"),
    pkg("firewalld", { quietUnits: ["firewalld.service"] }),
  ],
};

/** The rules in force. Every change arms a timer on the node that puts the old ones back. */
export const firewall: StageDefinition<FirewallArgs> = {
  name: "firewall",
  requirements: (args, facts, node) => [
    firewallDaemon(args.confirmWithin),
    ...firewallRules(args, facts, node).map(running),
  ],
};

/** Over a new connection, the proof that the door is open: the same rules for good, and the timer disarmed. */
export const firewallConfirm: StageDefinition<FirewallArgs> = {
  name: "firewall-confirm",
  follows: ["firewall"],
  requirements: (args, facts, node) => [
    ...firewallRules(args, facts, node).map(permanent),
    service("firewalld.service"),
  ],
};

/** The stage `firewall-guard`; see {@link Firewall}. */
export class FirewallGuard extends StageComponent(firewallGuard, "FirewallGuard") {}

/**
 * firewalld with the ports that Kubernetes needs. Takes all three stages, in this order, with the same arguments.
 *
 * @example
 * const args = { zone: "auto", extraPorts: [], sshSources: [], controlPlaneSources: [], confirmWithin: 300, cni: "bridge" } as const;
 * const stages = [Toolkit.stage({}), FirewallGuard.stage(args), Firewall.stage(args), FirewallConfirm.stage(args)];
 * const node = await surveyNode({ ...machine, stages });
 * const toolkit = new Toolkit("db-1", { node });
 * const guard = new FirewallGuard("db-1-guard", { node }, { dependsOn: toolkit });
 * const firewall = new Firewall("db-1-firewall", { node }, { dependsOn: guard });
 * new FirewallConfirm("db-1-confirm", { node }, { dependsOn: firewall });
 */
export class Firewall extends StageComponent(firewall, "Firewall") {}

/** The stage `firewall-confirm`; see {@link Firewall}. */
export class FirewallConfirm extends StageComponent(firewallConfirm, "FirewallConfirm") {}
