import * as pulumi from "@pulumi/pulumi";
import type { ClusterSpec, ConnectionSpec, NodeSpec } from "../config/types";
import type { Facts } from "../plan/facts";
import type { Stage } from "../plan/requirement";
import type { NodeContext, StageSurvey } from "../plan/stage";
import { surveyWarnings, type SurveyWarning } from "../survey/checks";
import { needsSudo } from "../survey/connection";
import { inTurns, type Turns } from "../survey/pool";
import { surveyNodes } from "../survey/survey";
import { printable } from "../survey/text";
import type { NodeSurvey, ReachedNode, SurveyTarget } from "../survey/types";
import { visits } from "../survey/visit";
import { connectionArgs, surveyConnection } from "./connection";
import { hostNames } from "./host-names";
import { ownAddressWarnings } from "./own-address";
import { planNode } from "./plan-node";
import { stagesOf } from "./stages";
import type { PlannedStage, SurveyedNode } from "./surveyed-node";
import { requireTrust } from "./trust";

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
}

/** Surveys the nodes of a cluster with the stages that its configuration gives them. */
export const surveyCluster = (spec: ClusterSpec): Promise<SurveyedNode[]> =>
  survey(
    spec.nodes.map((node) => ({ ...node, context: nodeContext(spec, node), stages: stagesOf(spec, node) })),
    spec.maxConnections,
  );

/**
 * Surveys one node, for the use of single components in any Pulumi program.
 *
 * @throws RunError where its connection has neither a host key nor `insecureIgnoreHostKey`
 */
export async function surveyNode(node: NodeToSurvey): Promise<SurveyedNode> {
  requireTrust(node.context.name, node.connection);
  const [surveyed] = await survey([node], 1);
  if (surveyed === undefined) throw new Error(`node ${node.context.name} was not surveyed`);
  return surveyed;
}

async function survey(nodes: readonly NodeToSurvey[], maxConnections: number): Promise<SurveyedNode[]> {
  const byName = new Map(nodes.map((node) => [node.context.name, node]));
  const plan = (name: string, facts: Facts): readonly Stage[] => {
    const { stages, context } = find(byName, name);
    return planNode(stages, facts, context);
  };
  const targets = nodes.filter(isWanted).map(surveyTarget);
  const turns = inTurns(maxConnections);
  const deliver = !pulumi.runtime.isDryRun();
  const onPush = (node: string, text: string): void => void pulumi.log.info(`${node}: ${text}`);
  const surveys = await surveyNodes(targets, plan, { concurrency: maxConnections, deliver, onPush });
  requireAll(surveys);
  for (const { node, text } of [...surveyWarnings(surveys), ...nodeWarnings(byName, surveys)])
    void pulumi.log.warn(printable(`${node}: ${text}`, 2000));
  const surveyOf = new Map(surveys.map((result) => [result.node, result]));
  return nodes.map((node) => surveyedNode(node, turns, surveyOf.get(node.context.name)));
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

function find(nodes: ReadonlyMap<string, NodeToSurvey>, name: string): NodeToSurvey {
  const node = nodes.get(name);
  if (node === undefined) throw new Error(`the survey names a node ${name} that it was not given`);
  return node;
}

/** `NODEPREP_SURVEY=required` makes every node that cannot be surveyed an error: the form for CI. */
function requireAll(surveys: readonly NodeSurvey[]): void {
  if (process.env["NODEPREP_SURVEY"] !== "required") return;
  const failures = surveys.flatMap((result) =>
    result.reachable ? [] : [`${result.node}: ${result.error.message}. ${result.error.remedy}`],
  );
  if (failures.length > 0)
    throw new pulumi.RunError(
      `NODEPREP_SURVEY=required, and not every node was surveyed:\n${failures.join("\n")}`,
    );
}

function surveyTarget(node: NodeToSurvey): SurveyTarget {
  return {
    node: node.context.name,
    connection: surveyConnection(node.connection),
    owner: ownerOf(node.context.name),
    adopt: node.adopt ?? false,
    isNamed: node.stages.some(({ name }) => name === hostNames.name),
    packages: [...new Set(node.stages.flatMap(({ packages }) => packages))],
    files: [...new Set(node.stages.flatMap(({ files }) => files))],
  };
}

function surveyedNode(node: NodeToSurvey, turns: Turns, survey: NodeSurvey | undefined): SurveyedNode {
  const { context, connection, stages } = node;
  return {
    context,
    owner: ownerOf(context.name),
    connection: connectionArgs(connection),
    sudo: needsSudo(connection),
    adopt: node.adopt ?? false,
    retire: node.retire ?? "undo",
    undoWithPods: node.undoWithPods ?? false,
    stages,
    visit: visits(context.name, surveyConnection(connection), turns),
    ...(survey === undefined ? {} : { survey }),
  };
}

const ownerOf = (node: string): string =>
  [pulumi.getOrganization(), pulumi.getProject(), pulumi.getStack(), node].join("/");

function nodeContext(spec: ClusterSpec, node: NodeSpec): NodeContext {
  const { kubernetesVersion, podCidrs, serviceCidrs } = spec;
  const { name, role, podSubnets, allowCgroupDriverChange } = node;
  return { name, role, kubernetesVersion, podCidrs, serviceCidrs, podSubnets, allowCgroupDriverChange };
}
