import * as pulumi from "@pulumi/pulumi";
import type { ConnectionSpec, SshEndpoint } from "../config/types";
import { SurveyError } from "../survey/errors";
import type { UnreachedNode } from "../survey/types";
import { firewall, firewallConfirm, firewallGuard } from "./firewall";
import { knownValue } from "./settled";
import type { NodeToSurvey } from "./survey-cluster";
import { toolkit } from "./toolkit";
import { requireTrust } from "./trust";

/*
 * Nodes as any program hands them in. What the schema sees to where nodes come from the configuration is seen to here, as
 * far as it would end in an error that says nothing.
 */

/** A node that a program surveys, whose machine may be made by a resource of that program. */
export interface GivenNode extends Omit<NodeToSurvey, "connection"> {
  /**
   * An output where it depends on other resources: `machine.publicIp.apply((host): ConnectionSpec => ({ host, … }))`.
   * Where a preview does not know it yet, the node's stages are shown as what the update will create or change.
   */
  readonly connection: ConnectionSpec | pulumi.Output<ConnectionSpec>;
}

export const isOutput = (connection: GivenNode["connection"]): connection is pulumi.Output<ConnectionSpec> =>
  pulumi.Output.isInstance(connection);

/**
 * A node's connection; undefined where a preview does not know it yet, or where the resource that makes the machine
 * failed: what depends on that, the node's Commands, fails with it as in every program, and other nodes go on.
 *
 * @throws RunError where it cannot be used
 */
export async function connectionOf({
  context: { name },
  connection,
}: GivenNode): Promise<ConnectionSpec | undefined> {
  const known = isOutput(connection) ? await knownValue(connection) : connection;
  if (known === undefined) return undefined;
  const { bastion, ...own } = known;
  requirePlain(`node ${name}: connection`, own);
  if (bastion !== undefined) requirePlain(`node ${name}: connection.bastion`, bastion);
  // Without a host there is nothing yet to trust, see `noHost`.
  if (known.host) requireTrust(name, known);
  return known;
}

/** Somebody's program may be JavaScript, or checked by nobody. */
function requirePlain(where: string, endpoint: SshEndpoint): void {
  for (const key of ["host", "port", "user", "hostKey"] as const)
    if (pulumi.Output.isInstance(endpoint[key]))
      throw new pulumi.RunError(
        `${where}.${key} is an output of a resource: make the whole connection an output, ` +
          `${key}.apply((${key}) => ({ ${key}, … })), and several with pulumi.all([…]).apply(…)`,
      );
  const texts = Object.entries(endpoint.auth).filter(([key]) => secretKeys.has(key));
  for (const [key, text] of texts)
    if (!isSecret(text))
      throw new pulumi.RunError(
        `${where}.auth.${key} is no Secret: write new Secret(text), with an output inside its apply`,
      );
}

const secretKeys: ReadonlySet<string> = new Set(["privateKey", "passphrase", "password"]);

const isSecret = (value: unknown): boolean =>
  typeof (value as { readonly reveal?: unknown } | undefined)?.reveal === "function";

/** What is known of a node whose machine another resource was to make and did not. */
export const noHost = (node: string): UnreachedNode => ({
  node,
  reachable: false,
  error: new SurveyError(
    node,
    "unknown-host",
    "its connection has no host",
    "If a resource of this program makes the machine, update that first.",
  ),
});

/**
 * Nodes that belong together, and the stages of each.
 *
 * @throws RunError where one of them cannot be prepared like that
 */
export function requireNodes(nodes: readonly GivenNode[]): void {
  const names = nodes.map(({ context }) => context.name);
  for (const { context, stages } of nodes) {
    requireName(context.name, names);
    requireStages(
      context.name,
      stages.map(({ name }) => name),
    );
  }
}

/** It is a word of records on the node, of the marks that are kept there, and of resources' names. */
function requireName(name: string, names: readonly string[]): void {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name))
    throw new pulumi.RunError(
      `node ${JSON.stringify(name)}: context.name may have letters, digits, dots, dashes and _`,
    );
  if (names.indexOf(name) !== names.lastIndexOf(name))
    throw new pulumi.RunError(`two nodes have the name ${name}: give each a context.name of its own`);
}

const firewallStages = [firewallGuard, firewall, firewallConfirm].map(({ name }) => name);

function requireStages(node: string, stages: readonly string[]): void {
  const wrong = (what: string): never => {
    throw new pulumi.RunError(`node ${node}: its stages ${what}`);
  };
  if (stages[0] !== toolkit.name)
    wrong("must begin with Toolkit.stage({}): the toolkit is what applies the others");
  const twice = stages.find((name, index) => stages.indexOf(name) !== index);
  if (twice !== undefined) wrong(`have ${twice} twice, which a node has once: join the arguments of both`);
  const theirs = stages.filter((name) => firewallStages.includes(name));
  if (theirs.length > 0 && theirs.join() !== firewallStages.join())
    wrong(
      `have ${theirs.join(", ")}: a firewall is the three stages FirewallGuard, Firewall and FirewallConfirm, in this ` +
        "order; without the last, the node takes new rules back",
    );
}
