import type { Facts } from "../plan/facts";
import type { Stage } from "../plan/requirement";
import { onceBooted } from "./booting";
import { refuseClones } from "./clones";
import { withSession } from "./connection";
import { messageOf, SurveyError } from "./errors";
import { deliverToolkit, earlyPackages, lacksToolkit, observe, questionAbout, readFacts } from "./node";
import { unsupported } from "./os-support";
import { mapBounded } from "./pool";
import { filesToPush, pushFiles } from "./push";
import { printable } from "./text";
import type { NodeSurvey, Observation, ReachedNode, SurveyTarget } from "./types";
import { address } from "./wording";

/** A node's stages as its facts have it. Runs once a node; what it throws is that node's error alone. */
export type Planner = (node: string, facts: Facts) => readonly Stage[];

export interface SurveyOptions {
  /** Most SSH sessions at a time. Default 10. */
  readonly concurrency?: number;
  /**
   * Leave the toolkit on nodes that lack it, for their first stage to install, and push files of this machine to nodes
   * that lack them: for updates, not for previews.
   */
  readonly deliver?: boolean;
  /** Called before each file that is pushed, for progress. */
  readonly onPush?: (node: string, text: string) => void;
  /** Called once for a node that may still be booting, with what was seen of it. */
  readonly onWait?: (node: string, seen: string) => void;
}

/**
 * Looks at all nodes side by side: reads facts, plans the stages, observes them. One SSH session a node, two
 * commands, nothing written there. In an update, a session more on each node that lacks the toolkit or files of this
 * machine, once it is known which nodes are refused. Never fails as a whole: a node that cannot be surveyed is its own
 * result.
 */
export async function surveyNodes(
  targets: readonly SurveyTarget[],
  plan: Planner,
  { concurrency = 10, deliver = false, onPush, onWait }: SurveyOptions = {},
): Promise<NodeSurvey[]> {
  const looked = await mapBounded(targets, concurrency, (target) =>
    orItsError(target, () =>
      onceBooted(
        target.bootsWithin ?? 0,
        () => lookAt(target, plan),
        (seen) => onWait?.(target.node, seen),
      ),
    ),
  );
  const named = targets.filter(({ isNamed }) => isNamed === true).map(({ node }) => node);
  const surveys = refuseClones(looked, new Set(named));
  if (!deliver) return surveys;
  const both = targets.map((target, index) => ({ target, survey: surveys[index] as NodeSurvey }));
  return mapBounded(both, concurrency, ({ target, survey }) =>
    survey.reachable ? orItsError(target, () => delivered(target, survey, onPush)) : Promise.resolve(survey),
  );
}

async function orItsError(target: SurveyTarget, work: () => Promise<NodeSurvey>): Promise<NodeSurvey> {
  try {
    return await work();
  } catch (cause) {
    const error = cause instanceof SurveyError ? cause : unexpected(target, cause);
    return { node: target.node, reachable: false, error };
  }
}

async function lookAt(target: SurveyTarget, plan: Planner): Promise<ReachedNode> {
  return withSession(target.node, target.connection, async (session) => {
    const facts = await readFacts(session, target);
    const problem = unsupported(facts);
    if (problem) throw new SurveyError(target.node, "unsupported", problem.message, problem.remedy);
    const { stages, question } = planned(target, plan, facts);
    const observation = await observe(session, target, stages, question);
    checkOwner(target, observation);
    return { node: target.node, reachable: true, facts, stages, ...observation };
  });
}

/** The node's stages, and the text that asks about them: requirements that cannot be sent are none. */
function planned(
  { node }: SurveyTarget,
  plan: Planner,
  facts: Facts,
): { readonly stages: readonly Stage[]; readonly question: string } {
  try {
    const stages = plan(node, facts);
    return { stages, question: questionAbout(stages) };
  } catch (cause) {
    throw new SurveyError(
      node,
      "plan",
      `its stages cannot be planned: ${printable(messageOf(cause), 1000)}`,
      "Correct the configuration or the node accordingly; the other nodes are not held up.",
    );
  }
}

/** The node has what its stages will look for there. */
async function delivered(
  target: SurveyTarget,
  survey: ReachedNode,
  onPush: SurveyOptions["onPush"],
): Promise<ReachedNode> {
  if (lacksToolkit(survey)) {
    const early = earlyPackages(survey.stages, survey);
    await withSession(target.node, target.connection, (session) => deliverToolkit(session, target, early));
  }
  const files = filesToPush(survey.stages, survey);
  if (files.length > 0) await pushFiles(target, files, (text) => onPush?.(target.node, text));
  return survey;
}

/** Two stacks that prepare one machine would undo each other's work. */
function checkOwner(target: SurveyTarget, { owner }: Observation): void {
  if (owner === undefined || target.adopt || stackOf(owner) === stackOf(target.owner)) return;
  throw new SurveyError(
    target.node,
    "owner",
    `${address(target.connection)} is prepared by the stack ${stackOf(owner)}, not by ${stackOf(target.owner)}`,
    `If this is that stack, renamed or moved, or takes its place, set adopt: true on ${target.node} for one update, and never destroy the other one; if the machine is still the other one's, remove it here.`,
  );
}

/** `org/project/stack` of `org/project/stack/node`. */
const stackOf = (owner: string): string => owner.slice(0, owner.lastIndexOf("/"));

/** What is no error of the machine's, of the connection's or of the plan's: a fault of this program, or of a library. */
const unexpected = ({ node }: SurveyTarget, cause: unknown): SurveyError =>
  new SurveyError(
    node,
    "protocol",
    `its survey came to an unexpected end: ${printable(messageOf(cause), 1000)}`,
    "Try again; if it stays so, report it with these words. The other nodes are not held up.",
  );
