import type { Facts } from "../plan/facts";
import { encodeRequirements, requirementName, type Stage } from "../plan/requirement";
import {
  deliveryLine,
  earlyLine,
  factsScript,
  loaderLine,
  observeScript,
  payloadLine,
  toolkitScript,
} from "../toolkit/script";
import { needsSudo, type CommandResult, type Session } from "./connection";
import { differingNames, parseObservation } from "./differences";
import { messageOf, SurveyError } from "./errors";
import { FactError, hasFacts, parseFacts } from "./facts";
import { complaint, noRoot, remedyIfExpired } from "./no-root";
import { whatItSaid } from "./text";
import type { Observation, SurveyTarget } from "./types";
import { address } from "./wording";

/* The survey's side of what is said between it and a node: the facts, the observation, the toolkit. */

/** Reads the node's facts. Fails with a SurveyError. */
export async function readFacts(session: Session, target: SurveyTarget): Promise<Facts> {
  const { packages, files, glances = [] } = target;
  const words = [
    ...packages.flatMap((name) => ["--package", name]),
    ...[...files, ...glances].flatMap((path) => ["--file", path]),
  ];
  const line = loaderLine(["facts", ...words], { sudo: needsSudo(target.connection) });
  const sent = Date.now() / 1000;
  const result = await session.run(line, payloadLine(factsScript()), { what: "reading facts" });
  const received = Date.now() / 1000;
  if (needsSudo(target.connection) && !hasFacts(result.stdout)) throw await noRoot(session, target, result);
  const question = { packages, files, glances, sent, received };
  return readAnswer(target, result, () => parseFacts(result.stdout, question));
}

/** Stages as the node is asked about them. Throws where a requirement cannot be sent. */
export const questionAbout = (stages: readonly Stage[]): string =>
  stages.map(({ name, requirements }) => `stage ${name}\n${encodeRequirements(requirements)}`).join("");

/** Observes the stages that the question is about. Fails with a SurveyError. */
export async function observe(
  session: Session,
  target: SurveyTarget,
  stages: readonly Stage[],
  question: string,
): Promise<Observation> {
  const line = loaderLine(["observe", "--as", target.owner], { sudo: needsSudo(target.connection) });
  const result = await session.run(line, payloadLine(observeScript()) + question, {
    what: "observing its requirements",
  });
  return readAnswer(target, result, () => parseObservation(result.stdout, stages));
}

/** Whether the node's toolkit is another one, or none. */
export const lacksToolkit = (observation: Observation): boolean =>
  [...differingNames(observation)].some((name) => name.startsWith("toolkit:"));

/**
 * The packages that one transaction may bring for all stages, as the text of their requirements: those that may come
 * early, and are not there yet.
 */
export function earlyPackages(stages: readonly Stage[], observation: Observation): string {
  const differing = differingNames(observation);
  const packages = stages
    .flatMap(({ requirements }) => requirements)
    .filter((one) => one.early === true && differing.has(requirementName(one)));
  return encodeRequirements([...new Map(packages.map((one) => [one.key, one])).values()]);
}

/**
 * Leaves the toolkit on the node, for its first stage to install, and the names of early packages, for the first stage
 * that installs any. Fails with a SurveyError.
 */
export async function deliverToolkit(session: Session, target: SurveyTarget, early: string): Promise<void> {
  const options = { sudo: needsSudo(target.connection) };
  const what = "bringing the toolkit";
  const lines = [
    ...(early === "" ? [] : [{ line: earlyLine(options), input: early }]),
    { line: deliveryLine(options), input: payloadLine(toolkitScript()) },
  ];
  for (const { line, input } of lines) {
    const result = await session.run(line, input, { what });
    if (result.code !== 0) throw notTaken(target, result);
  }
}

const notTaken = (target: SurveyTarget, result: CommandResult): SurveyError =>
  new SurveyError(
    target.node,
    "protocol",
    `${address(target.connection)} did not take the toolkit: ${whatItSaid(result)}`,
    "Log in by hand and see that /run can be written and has 200 KB of space, and that base64 and gzip work there.",
  );

/** What the node answered, or a protocol error that also shows what it complained about. */
function readAnswer<T>(target: SurveyTarget, result: CommandResult, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    const said = complaint(result);
    throw new SurveyError(
      target.node,
      "protocol",
      `${address(target.connection)} answered the survey, but ${messageOf(cause)}${said === "" ? "" : ` (it said: ${said})`}`,
      cause instanceof FactError ? cause.remedy : (remedyIfExpired(said, target) ?? remedyForAnswer(said)),
    );
  }
}

/** Images of clouds let root in by key only to say which account is meant. */
function remedyForAnswer(said: string): string {
  const user = /Please login as the user "([A-Za-z0-9._-]+)"/.exec(said)?.[1];
  return user === undefined
    ? "Log in by hand and see that sh, base64 and gzip work there, and that the login shell runs a command without a terminal."
    : `Connect as that user: ssh.user: ${user}.`;
}
