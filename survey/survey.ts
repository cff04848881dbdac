import type { Facts } from "../plan/facts";
import { encodeRequirements, type Stage } from "../plan/requirement";
import {
  deliveryLine,
  factsScript,
  loaderLine,
  observeScript,
  payloadLine,
  toolkitScript,
} from "../toolkit/script";
import { refuseClones } from "./clones";
import { openSession, type CommandResult, type Session } from "./connection";
import { parseObservation } from "./differences";
import { messageOf, SurveyError } from "./errors";
import { hasFacts, parseFacts } from "./facts";
import { unsupported } from "./os-support";
import { mapBounded } from "./pool";
import { filesToPush, pushFiles } from "./push";
import { printable, printableLines } from "./text";
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
  /** Called as each node is done, for progress. */
  readonly onNode?: (survey: NodeSurvey) => void;
  /** Called before each file that is pushed, for progress. */
  readonly onPush?: (node: string, text: string) => void;
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
  { concurrency = 10, deliver = false, onNode, onPush }: SurveyOptions = {},
): Promise<NodeSurvey[]> {
  const looked = await mapBounded(targets, concurrency, async (target) => {
    const survey = await orItsError(target, () => lookAt(target, plan));
    onNode?.(survey);
    return survey;
  });
  const named = targets.filter(({ isNamed }) => isNamed === true).map(({ node }) => node);
  const surveys = refuseClones(looked, new Set(named));
  if (!deliver) return surveys;
  const both = targets.flatMap((target, index) => ({ target, survey: surveys[index] as NodeSurvey }));
  return mapBounded(both, concurrency, ({ target, survey }) =>
    survey.reachable ? orItsError(target, () => delivered(target, survey, onPush)) : Promise.resolve(survey),
  );
}

async function orItsError(target: SurveyTarget, work: () => Promise<NodeSurvey>): Promise<NodeSurvey> {
  try {
    return await work();
  } catch (cause) {
    const error = cause instanceof SurveyError ? cause : planError(target, cause);
    return { node: target.node, reachable: false, error };
  }
}

async function lookAt(target: SurveyTarget, plan: Planner): Promise<ReachedNode> {
  const session = await openSession(target.node, target.connection);
  try {
    const facts = await readFacts(session, target);
    const problem = unsupported(facts);
    if (problem) throw new SurveyError(target.node, "unsupported", problem.message, problem.remedy);
    const stages = plan(target.node, facts);
    const observation = await observe(session, target, stages);
    checkOwner(target, observation);
    return { node: target.node, reachable: true, facts, stages, ...observation };
  } finally {
    await session.close();
  }
}

/** The node has what its stages will look for there. */
async function delivered(
  target: SurveyTarget,
  survey: ReachedNode,
  onPush: SurveyOptions["onPush"],
): Promise<ReachedNode> {
  if (lacksToolkit(survey)) await bringToolkit(target);
  const files = filesToPush(survey.stages, survey);
  if (files.length > 0) await pushFiles(target, files, (text) => onPush?.(target.node, text));
  return survey;
}

async function bringToolkit(target: SurveyTarget): Promise<void> {
  const session = await openSession(target.node, target.connection);
  try {
    await deliverToolkit(session, target);
  } finally {
    await session.close();
  }
}

const sudo = ({ connection }: SurveyTarget): boolean => connection.user !== "root";

async function readFacts(session: Session, target: SurveyTarget): Promise<Facts> {
  const words = [
    ...target.packages.flatMap((name) => ["--package", name]),
    ...target.files.flatMap((path) => ["--file", path]),
  ];
  const line = loaderLine(["facts", ...words], { sudo: sudo(target) });
  const sent = Date.now() / 1000;
  const result = await session.run(line, payloadLine(factsScript()), { what: "reading facts" });
  const received = Date.now() / 1000;
  if (sudo(target) && !hasFacts(result.stdout)) throw sudoError(target, result);
  const { packages, files } = target;
  return readAnswer(target, result, () => parseFacts(result.stdout, { packages, files, sent, received }));
}

async function observe(
  session: Session,
  target: SurveyTarget,
  stages: readonly Stage[],
): Promise<Observation> {
  const text = stages
    .map(({ name, requirements }) => `stage ${name}\n${encodeRequirements(requirements)}`)
    .join("");
  const line = loaderLine(["observe", "--as", target.owner], { sudo: sudo(target) });
  const result = await session.run(line, payloadLine(observeScript()) + text, {
    what: "observing its requirements",
  });
  return readAnswer(target, result, () => parseObservation(result.stdout, stages));
}

const lacksToolkit = ({ differences }: Observation): boolean =>
  differences.some(({ name, unrecorded }) => name.startsWith("toolkit:") && !unrecorded);

async function deliverToolkit(session: Session, target: SurveyTarget): Promise<void> {
  const line = deliveryLine({ sudo: sudo(target) });
  const result = await session.run(line, payloadLine(toolkitScript()), { what: "bringing the toolkit" });
  if (result.code === 0) return;
  throw new SurveyError(
    target.node,
    "protocol",
    `${address(target.connection)} did not take the toolkit: ${printableLines(result.stderr) || `exit code ${result.code}`}`,
    "Log in by hand and see that /run can be written and has 200 KB of space, and that base64 and gzip work there.",
  );
}

/** What the node answered, or a protocol error that also shows what it complained about. */
function readAnswer<T>(target: SurveyTarget, result: CommandResult, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    const said = printableLines(result.stderr);
    throw new SurveyError(
      target.node,
      "protocol",
      `${address(target.connection)} answered the survey, but ${messageOf(cause)}${said === "" ? "" : ` (it said: ${said})`}`,
      "Log in by hand and see that sh, base64 and gzip work there, and that the login shell runs a command without a terminal.",
    );
  }
}

/** The first command of another user than root printed nothing of ours. */
function sudoError(target: SurveyTarget, { code, stderr }: CommandResult): SurveyError {
  const { user } = target.connection;
  const said = printableLines(stderr) || `exit code ${code}`;
  return new SurveyError(
    target.node,
    "sudo",
    `${user} at ${address(target.connection)} does not become root with sudo -n: ${said}`,
    `Allow it without a password (as root: echo '${printable(user, 40)} ALL=(ALL) NOPASSWD: ALL' > /etc/sudoers.d/${printable(user, 40)}), or connect as root. Nothing was changed.`,
  );
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

const planError = ({ node }: SurveyTarget, cause: unknown): SurveyError =>
  new SurveyError(
    node,
    "plan",
    `its stages cannot be planned: ${printable(messageOf(cause), 1000)}`,
    "Correct the configuration or the node accordingly; the other nodes are not held up.",
  );
