import * as pulumi from "@pulumi/pulumi";
import { remote } from "@pulumi/command";
import { commandLine } from "../plan/quote";
import { encodeRequirements } from "../plan/requirement";
import { withSecrets } from "../plan/secrets";
import { driftMarker } from "../survey/marker";
import type { Difference, ReachedNode } from "../survey/types";
import { arrivalLine, toolkitLine, undoLine } from "../toolkit/script";
import { consequence } from "./consequences";
import { fateOf, isOfTheMachine } from "./found-things";
import type { SurveyedNode } from "./surveyed-node";

/** What a Command runs at create, update and delete. */
interface Lines {
  readonly create: string;
  readonly update: string;
  readonly delete: string;
}

/** Refuses in words: a node that could not be surveyed is declared, but nothing is done to it. */
const refusal = commandLine(
  "sh",
  "-c",
  'echo "$0: the survey could not look at this node or refused it, so nothing was done; see the warning about it, then run again" >&2; exit 1',
  "nodeprep",
);

/**
 * The one remote Command of a stage.
 *
 * Its stdin is the stage's requirements, so a preview's diff is a diff of requirements. Where something has
 * drifted, the create line carries a marker, which the engine sees as an update; where nothing has, changes of
 * the create line are ignored, so a marker that was once there does not show either.
 */
export function stageCommand(
  name: string,
  node: SurveyedNode,
  stageName: string,
  parent: pulumi.Resource,
): remote.Command {
  requireStage(node, stageName);
  const { survey } = node;
  const lines = stageLines(node, stageName);
  const common = {
    connection: node.connection,
    logging: remote.Logging.Stderr,
    addPreviousOutputInEnv: false,
  };
  const isAbandoned = node.retire === "abandon";
  if (node.awaited && !isAbandoned)
    return new remote.Command(name, { ...common, ...unknownLines(node) }, { parent });
  if (!survey?.reachable || isAbandoned) {
    // Said only where it is so: otherwise it is for the program's own option, on a component around it.
    const options = { parent, ignoreChanges: ["*"], ...(isAbandoned ? { retainOnDelete: true } : {}) };
    return new remote.Command(name, { ...common, ...lines, create: refusal }, options);
  }
  const drift = driftOf(node, survey, stageName);
  const create = drift.length === 0 ? lines.create : `${lines.create} ${driftMarker(survey.applyId, drift)}`;
  const command = new remote.Command(
    name,
    { ...common, ...lines, create, stdin: stageInput(node, survey, stageName) },
    {
      parent,
      ignoreChanges: drift.length === 0 ? ["create"] : [],
      // Who asks for a replacement (`--replace`, `pulumi state taint`) would have the stage applied, and then undone.
      deleteBeforeReplace: true,
    },
  );
  warnOfDrift(survey, stageName, command);
  return command;
}

/** Nothing can be said of a stage whose node is not there yet but that an update applies it: as unknown as the connection. */
function unknownLines({ connection }: SurveyedNode): Record<keyof Lines | "stdin", pulumi.Output<string>> {
  const later = pulumi.output(connection).apply(() => "");
  return { create: later, update: later, delete: later, stdin: later };
}

/** A stage is observed and planned by the survey, or it cannot be declared. */
function requireStage({ context, stages }: SurveyedNode, stageName: string): void {
  if (!stages.some(({ name }) => name === stageName))
    throw new pulumi.RunError(
      `node ${context.name} was surveyed without the stage ${stageName}: add it to the stages that surveyNode is given`,
    );
}

function stageLines(node: SurveyedNode, stageName: string): Lines {
  const words = ["apply", stageName, "--as", node.owner, ...(node.adopt ? ["--adopt"] : [])];
  const isToolkit = stageName === "toolkit";
  const apply = isToolkit ? arrivalLine(words, node) : toolkitLine(words, node);
  return {
    create: apply,
    update: apply,
    delete: undoLine(isToolkit ? "--all" : stageName, node.owner, node),
  };
}

function stageInput(node: SurveyedNode, survey: ReachedNode, stageName: string): pulumi.Input<string> {
  const stage = survey.stages.find(({ name }) => name === stageName);
  if (stage === undefined)
    throw new Error(`the survey of node ${node.context.name} did not plan the stage ${stageName}`);
  const secrets = node.stages.find(({ name }) => name === stageName)?.secrets?.(survey.facts);
  return secrets === undefined
    ? encodeRequirements(stage.requirements)
    : pulumi.secret(encodeRequirements(withSecrets(stage.requirements, secrets)));
}

/** A stage that follows another is applied whenever that one is: it proves what the other did. */
function driftOf(node: SurveyedNode, { differences }: ReachedNode, stageName: string): readonly Difference[] {
  const follows = node.stages.find(({ name }) => name === stageName)?.follows ?? [];
  return differences.filter(({ stage }) => stage === stageName || follows.includes(stage));
}

/**
 * Values seen on the node are for people, in warnings alone: they never become part of a command line. What is new has not
 * drifted: a stage that the node never had shows as one to be created, and of its parts only those need a warning that
 * meet what the machine has already.
 */
function warnOfDrift(survey: ReachedNode, stageName: string, command: remote.Command): void {
  const isNew = survey.applyId === undefined || survey.newStages?.includes(stageName) === true;
  const requirements = survey.stages.find(({ name }) => name === stageName)?.requirements ?? [];
  const own = survey.differences.filter(({ stage }) => stage === stageName);
  const changing = new Set(own.filter(({ unrecorded }) => !unrecorded).map(({ name }) => name));
  for (const one of isNew ? own.filter(isOfTheMachine) : own) {
    const { name, phrase } = one;
    const effect = changing.has(name) ? consequence(name, requirements, changing) : "";
    const fate = isNew ? fateOf(one, requirements) : "";
    void pulumi.log.warn(`${survey.node}: ${name} ${phrase}${fate}${effect}`, command);
  }
}
