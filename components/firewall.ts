import { firewallDaemon, firewallPermanent, firewallRunning } from "../plan/firewall-kinds";
import { type FirewallArgs, firewallRules } from "../plan/firewall-rules";
import { pkg, service } from "../plan/kinds";
import type { StageDefinition } from "../plan/stage";
import { StageComponent } from "./stage-component";

export type { FirewallArgs } from "../plan/firewall-rules";

/** The stage that comes first and leaves last: the package, and at its undo the proof that the door is open. */
export const firewallGuard: StageDefinition<FirewallArgs> = {
  name: "firewall-guard",
  requirements: (_args, { packageManager }) => [
    // Without /etc/protocols firewalld cannot read its own services; Debian only recommends it.
    ...(packageManager === "apt" ? [pkg("netbase")] : []),
    // The toolkit keeps its unit masked until the stage is through: see np_before_firewall_guard.
    pkg("firewalld"),
  ],
};

/** The running rules, under a timer that puts the old ones back. */
export const firewall: StageDefinition<FirewallArgs> = {
  name: "firewall",
  requirements: (args, facts, node) => [
    firewallDaemon(args.confirmWithin ?? 300),
    ...firewallRules(args, facts, node).map(firewallRunning),
  ],
};

/** The permanent rules; running it at all, over a new connection, is what confirms the running ones. */
export const firewallConfirm: StageDefinition<FirewallArgs> = {
  name: "firewall-confirm",
  follows: ["firewall"],
  requirements: (args, facts, node) => [
    ...firewallRules(args, facts, node).map(firewallPermanent),
    service("firewalld.service"),
  ],
};

/**
 * firewalld is installed, and started by nobody yet. The first of the three stages of a firewall, which belong
 * together and follow one another: {@link Firewall}, {@link FirewallConfirm}.
 *
 * @example
 * const args = { extraPorts: ["8080/tcp"], sshSources: ["10.0.0.0/8"] };
 * const stages = [Toolkit.stage({}), FirewallGuard.stage(args), Firewall.stage(args), FirewallConfirm.stage(args)];
 * const node = await surveyNode({ ...machine, stages });
 * const toolkit = new Toolkit("db-1", { node });
 * const guard = new FirewallGuard("db-1-guard", { node }, { dependsOn: toolkit });
 * const rules = new Firewall("db-1-rules", { node }, { dependsOn: guard });
 * new FirewallConfirm("db-1-confirm", { node }, { dependsOn: rules });
 */
export class FirewallGuard extends StageComponent(firewallGuard, "FirewallGuard") {}

/** The rules in force: SSH, what the node's role and CNI plugin need, pod networks. See {@link FirewallGuard}. */
export class Firewall extends StageComponent(firewall, "Firewall") {}

/** The same rules for good, after a new connection has proved that the door is open. See {@link FirewallGuard}. */
export class FirewallConfirm extends StageComponent(firewallConfirm, "FirewallConfirm") {}
