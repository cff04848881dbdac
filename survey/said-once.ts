import { SurveyError } from "./errors";
import type { NodeSurvey } from "./types";

/**
 * A remedy that several nodes share is said for the first of them; the others name that one. With hundreds of nodes behind
 * one bastion that is down, the same advice hundreds of times would hide everything else.
 */
export function remediesOnce(surveys: readonly NodeSurvey[]): NodeSurvey[] {
  const first = new Map<string, string>();
  return surveys.map((survey) => {
    if (survey.reachable) return survey;
    const { reason, message, remedy } = survey.error;
    const other = first.get(remedy);
    if (other === undefined) {
      first.set(remedy, survey.node);
      return survey;
    }
    const error = new SurveyError(survey.node, reason, message, `What to do: see ${other}.`);
    return { ...survey, error };
  });
}
