import { requirementName, type Requirement } from "../plan/requirement";
import type { Difference } from "../survey/types";

/** The phrases of the toolkit that tell of what a machine has already, and an apply changes. */
const phrases = [
  // somebody's file or program; an apt source that may not be there twice
  /has other content/,
  /^is (?!absent).*, must be a file/,
  /names the same repository as/,
  // somebody's sysctl file
  /^will be .* after the next boot \(/,
  /^is installed in version/,
  /^is masked/,
  // an account
  /^has shell/,
  /has a password that works/,
  // another network; rules of kube-proxy and of CNI plugins; ports that others opened
  /comes first; must be the first/,
  /is to take the place of/,
  /finds cni0 with the address/,
  /; that flushes (the|all) rules of /,
  /^is open to everybody/,
  // a runtime that runs, or is about to be restarted for it
  /^(is|will be) (systemd|cgroupfs)\b/,
  /must be confirmed by a restart/,
];

/**
 * Whether a difference is about something that the machine has already. What else differs of a stage that is new there is
 * merely not there yet, and needs no words.
 */
export const isOfTheMachine = ({ phrase, unrecorded }: Difference): boolean =>
  !unrecorded && phrases.some((pattern) => pattern.test(phrase));

/** What becomes of somebody's file: `; an update replaces it`. Empty for anything else. */
export function fateOf({ name, phrase }: Difference, requirements: readonly Requirement[]): string {
  if (!/has other content|, must be a file/.test(phrase)) return "";
  const file = requirements.find((one) => one.kind === "file" && requirementName(one) === name);
  if (file === undefined) return "";
  return file.value.includes(" based-on=")
    ? "; an update merges its settings into it"
    : "; an update replaces it as a whole (undo gives it back)";
}
