import * as pulumi from "@pulumi/pulumi";
import { show } from "../config/errors";
import type { ClusterSpec, ConnectionSpec, NodeSpec } from "../config/types";
import type { Facts } from "../plan/facts";
import type { Stage } from "../plan/requirement";
import type { NodeContext, StageSurvey } from "../plan/stage";
import { isNew, surveyWarnings, type SurveyWarning } from "../survey/checks";
import { needsSudo } from "../survey/connection";
import { inTurns, type Turns } from "../survey/pool";
import { remediesOnce } from "../survey/said-once";
import { surveyNodes as visitNodes, type SurveyOptions } from "../survey/survey";
import { printable } from "../survey/text";
import type { NodeSurvey, ReachedNode, SurveyTarget } from "../survey/types";
import { visits } from "../survey/visit";
import { listed } from "./closing-words";
import { connectionArgs, surveyConnection } from "./connection";
import { connectionOf, isOutput, noHost, requireNodes, type GivenNode } from "./given-node";
import { hostNames } from "./host-names";
import { ownAddressWarnings } from "./own-address";
import { planNode } from "./plan-node";
import { stagesOf } from "./stages";
import type { PlannedStage, SurveyedNode } from "./surveyed-node";

export type { GivenNode } from "./given-node";

/** A node before it is surveyed: who it is, how to get in, and which stages it has. */
export interface NodeToSurvey {
  readonly context: NodeContext;
  readonly connection: ConnectionSpec;
  readonly stages: readonly PlannedStage[];
  /** Default `undo`. */
  readonly retire?: "undo" | "abandon";
  /** Default `false`. */
  readonly adopt?: boolean;
  /** Default `false`. */
  readonly undoWithPods?: boolean;
  /**
   * Seconds that a machine may need to boot: for so long, an update waits for its SSH to answer. Default 0. For machines
   * that the same program makes; one that is off is waited for as well.
   */
  readonly bootsWithin?: number;
}

/** Surveys the nodes of a cluster with the stages that its configuration gives them. */
export const surveyCluster = (spec: ClusterSpec): Promise<SurveyedNode[]> =>
  survey(
    spec.nodes.map((node) => ({ ...node, context: nodeContext(spec, node), stages: stagesOf(spec, node) })),
    spec.maxConnections,
  );

/**
 * Surveys one node, for the use of single components in any Pulumi program. Several nodes that belong together:
 * {@link surveyNodes}.
 *
 * @throws RunError where it cannot be surveyed as it is given, e.g. without a host key
 *
 * @example
 * const stages = [Toolkit.stage({}), Swap.stage({})];
 * const node = await surveyNode({
 *   context: { name: "db-1", role: "worker", kubernetesVersion: "1.34.2", podCidrs: [], podSubnets: [] },
 *   connection: {
 *     ...{ host: "192.0.2.10", port: 22, user: "root", hostKey: "ssh-ed25519 AAAA…", dialTimeout: 15 },
 *     auth: { method: "privateKey", privateKey: new Secret(privateKey) },
 *   },
 *   stages,
 * });
 */
export async function surveyNode(node: GivenNode): Promise<SurveyedNode> {
  const [surveyed] = await surveyNodes([node], 1);
  if (surveyed === undefined) throw new Error(`node ${node.context.name} was not surveyed`);
  return surveyed;
}

/**
 * Surveys nodes side by side, as those of a cluster: clones of one machine are refused.
 *
 * @param maxConnections SSH sessions that are open at the same time
 * @throws RunError as {@link surveyNode}
 */
export async function surveyNodes(nodes: readonly GivenNode[], maxConnections = 10): Promise<SurveyedNode[]> {
  requireNodes(nodes);
  const given = await Promise.all(
    nodes.map(async (node) => ({ node, connection: await connectionOf(node) })),
  );
  const there = given.flatMap(({ node, connection }) => (connection ? [{ ...node, connection }] : []));
  const found = new Map((await survey(there, maxConnections)).map((one) => [one.context.name, one]));
  return nodes.map((node) => {
    // An output also says which resource makes the machine: that comes first, and leaves last.
    const connection = isOutput(node.connection)
      ? node.connection.apply(connectionArgs)
      : connectionArgs(node.connection);
    const surveyed = found.get(node.context.name) ?? { ...unsurveyed(node), awaited: true as const };
    return { ...surveyed, connection };
  });
}

async function survey(nodes: readonly NodeToSurvey[], maxConnections: number): Promise<SurveyedNode[]> {
  const required = isRequired();
  const byName = new Map(nodes.map((node) => [node.context.name, node]));
  const plan = (name: string, facts: Facts): readonly Stage[] => {
    const { stages, context } = find(byName, name);
    return planNode(stages, facts, context);
  };
  const wanted = nodes.filter(isWanted);
  const targets = wanted.filter(hasHost).map(surveyTarget);
  const turns = inTurns(maxConnections);
  const surveys = remediesOnce([
    ...(await visitNodes(targets, plan, { concurrency: maxConnections, ...inUpdates() })),
    ...wanted.filter((node) => !hasHost(node)).map(({ context }) => noHost(context.name)),
  ]);
  if (required) requireAll(surveys);
  const fresh = surveys.filter((one) => one.reachable && isNew(one)).map(({ node }) => node);
  if (fresh.length > 0)
    void pulumi.log.info(`${listed("", fresh)}: nothing is on record there, every stage will be applied`);
  warnEachOnce([...surveyWarnings(surveys), ...nodeWarnings(byName, surveys)]);
  const surveyOf = new Map(surveys.map((result) => [result.node, result]));
  return nodes.map((node) => surveyedNode(node, turns, surveyOf.get(node.context.name)));
}

/** What several nodes are warned of is said once, with their names. */
function warnEachOnce(warnings: readonly SurveyWarning[]): void {
  const warned = new Map<string, string[]>();
  for (const { node, text } of warnings) warned.set(text, [...(warned.get(text) ?? []), node]);
  for (const [text, nodes] of warned) void pulumi.log.warn(printable(`${listed("", nodes)}: ${text}`, 2000));
}

/** What a survey does in an update and never in a preview, and what it says meanwhile. */
function inUpdates(): SurveyOptions {
  const say = (node: string, text: string): void => void pulumi.log.info(`${node}: ${text}`);
  const onWait = (node: string, seen: string): void => say(node, `waits for its machine to boot: ${seen}`);
  return { deliver: !pulumi.runtime.isDryRun(), onPush: say, onWait };
}

/** What the nodes themselves and their stages warn of. */
const nodeWarnings = (
  nodes: ReadonlyMap<string, NodeToSurvey>,
  surveys: readonly NodeSurvey[],
): SurveyWarning[] =>
  surveys.flatMap((result) => {
    if (!result.reachable) return [];
    const node = find(nodes, result.node);
    const ofStages = node.stages.flatMap(({ name, warnings }) =>
      warnings(result.facts, stageSurvey(node, result, name)),
    );
    const texts = [...ownAddressWarnings(result.facts, node.context), ...ofStages];
    return texts.map((text) => ({ node: result.node, text }));
  });

const stageSurvey = ({ context }: NodeToSurvey, found: ReachedNode, stage: string): StageSurvey => ({
  node: context,
  requirements: found.stages.find(({ name }) => name === stage)?.requirements ?? [],
  differing: found.differences
    .filter((difference) => difference.stage === stage && !difference.unrecorded)
    .map(({ name }) => name),
});

// A node that is to be abandoned may be dead: nobody needs to know what is on it.
const isWanted = ({ retire }: NodeToSurvey): boolean => retire !== "abandon";

// In an update with targets, a machine that is new and none of them has no address.
const hasHost = ({ connection }: NodeToSurvey): boolean => Boolean(connection.host);

function find(nodes: ReadonlyMap<string, NodeToSurvey>, name: string): NodeToSurvey {
  const node = nodes.get(name);
  if (node === undefined) throw new Error(`the survey names a node ${name} that it was not given`);
  return node;
}

/**
 * `NODEPREP_SURVEY=required` makes every node that cannot be surveyed an error: the form for CI, where another word would
 * pass for it without a check.
 */
function isRequired(): boolean {
  const word = process.env["NODEPREP_SURVEY"] ?? "";
  if (word === "" || word === "required") return word !== "";
  throw new pulumi.RunError(
    `NODEPREP_SURVEY is ${show(printable(word))}, must be required, or unset: write NODEPREP_SURVEY=required`,
  );
}

function requireAll(surveys: readonly NodeSurvey[]): void {
  const failures = surveys.flatMap((result) =>
    result.reachable ? [] : [`${result.node}: ${result.error.message}. ${result.error.remedy}`],
  );
  if (failures.length > 0)
    throw new pulumi.RunError(
      `NODEPREP_SURVEY=required, and not every node was surveyed:\n${failures.join("\n")}`,
    );
}

function surveyTarget(node: NodeToSurvey): SurveyTarget {
  const files = [...new Set(node.stages.flatMap((stage) => stage.files))];
  return {
    node: node.context.name,
    connection: surveyConnection(node.connection),
    owner: ownerOf(node.context.name),
    adopt: node.adopt ?? false,
    isNamed: node.stages.some(({ name }) => name === hostNames.name),
    bootsWithin: pulumi.runtime.isDryRun() ? 0 : (node.bootsWithin ?? 0),
    packages: [...new Set(node.stages.flatMap(({ packages }) => packages))],
    files,
    glances: [...new Set(node.stages.flatMap(({ glances }) => glances))].filter(
      (path) => !files.includes(path),
    ),
  };
}

function surveyedNode(node: NodeToSurvey, turns: Turns, survey: NodeSurvey | undefined): SurveyedNode {
  const { context, connection } = node;
  return {
    ...unsurveyed(node),
    connection: connectionArgs(connection),
    sudo: needsSudo(connection),
    visit: visits(context.name, surveyConnection(connection), turns),
    ...(survey === undefined ? {} : { survey }),
  };
}

/** What is known of a node without its connection. */
const unsurveyed = ({ context, stages, ...node }: Omit<NodeToSurvey, "connection">) => ({
  context,
  stages,
  owner: ownerOf(context.name),
  sudo: false,
  adopt: node.adopt ?? false,
  retire: node.retire ?? "undo",
  undoWithPods: node.undoWithPods ?? false,
});

const ownerOf = (node: string): string =>
  [pulumi.getOrganization(), pulumi.getProject(), pulumi.getStack(), node].join("/");

function nodeContext(spec: ClusterSpec, node: NodeSpec): NodeContext {
  const { kubernetesVersion, podCidrs, serviceCidrs } = spec;
  const { name, role, podSubnets, allowCgroupDriverChange } = node;
  return { name, role, kubernetesVersion, podCidrs, serviceCidrs, podSubnets, allowCgroupDriverChange };
}
