import type { Facts } from "../plan/facts";
import { lacksToolkit } from "./node";
import type { NodeSurvey, Observation } from "./types";

/** A warning about one node. */
export interface SurveyWarning {
  readonly node: string;
  readonly text: string;
}

/** Seconds by which a node's clock may differ from the operator's. */
const clockTolerance = 5;

/** What is worth a warning on the nodes that were surveyed: their clocks, and records that were lost. */
export const surveyWarnings = (surveys: readonly NodeSurvey[]): SurveyWarning[] =>
  surveys.flatMap((survey) =>
    survey.reachable
      ? [...clockWarning(survey.facts), ...recordWarning(survey)].map((text) => ({ node: survey.node, text }))
      : [],
  );

/** Whether nothing was ever applied to a node: it has no record, nor the toolkit. */
export const isNew = (observation: Observation): boolean =>
  observation.applyId === undefined && lacksToolkit(observation);

/** A node with the toolkit and no record was prepared before. */
const recordWarning = (observation: Observation): string[] =>
  observation.applyId === undefined && !lacksToolkit(observation)
    ? [
        "nothing is on record there, though the toolkit is: /var/lib/nodeprep was lost. An update applies every stage and " +
          "records what it finds now; what the machine had before nodeprep cannot be given back any more",
      ]
    : [];

/** Certificates and tokens fail between machines whose clocks disagree, now or when nothing keeps them right. */
export function clockWarning({
  clockOffset,
  timeService,
}: Pick<Facts, "clockOffset" | "timeService">): string[] {
  const off = Math.abs(clockOffset);
  const none = "no time service runs there: install chrony or enable systemd-timesyncd";
  if (off <= clockTolerance)
    return timeService === "" ? [`its clock is right, but nothing keeps it right; ${none}`] : [];
  const remedy =
    timeService === ""
      ? none
      : `${timeService} runs there: check that it reaches its time servers, and this machine's own clock`;
  return [`its clock is ${off} s ${clockOffset > 0 ? "ahead of" : "behind"} this machine's; ${remedy}`];
}
