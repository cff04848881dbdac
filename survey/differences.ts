import { requirementName, type Stage } from "../plan/requirement";
import { printable } from "./text";
import type { Difference, Observation } from "./types";

/**
 * What `observe` printed, read against the plan that was sent. Lines before the first `meta` are somebody's shell
 * profile. Throws an Error for anything that the plan did not ask, or where the answer is not whole.
 */
export function parseObservation(stdout: string, stages: readonly Stage[]): Observation {
  const lines = answerLines(stdout, stages);
  const meta = new Map<string, string>();
  const differences: Difference[] = [];
  const planned = plannedNames(stages);
  for (const [kind = "", ...fields] of lines) {
    if (kind === "meta") meta.set(fields[0] ?? "", fields[1] ?? "");
    else if (kind === "differs" || kind === "unrecorded") differences.push(difference(kind, fields, planned));
    else throw new Error(`its answer holds the line "${printable([kind, ...fields].join(" "), 80)}"`);
  }
  // Each becomes a warning.
  const sent = countOf(stages);
  if (differences.length > sent)
    throw new Error(`its answer has ${differences.length} differences of ${sent} requirements`);
  return {
    differences,
    applyId: value(meta, "apply", /^[0-9a-f]{1,32}$/),
    owner: value(meta, "owner", /^[A-Za-z0-9._/-]{1,512}$/),
    runtimeVersion: value(meta, "runtime", /^[\w.+~:-]{1,64}$/),
    ...newStages(meta, stages),
  };
}

/** Those of the plan that the node has nothing of. */
function newStages(
  meta: ReadonlyMap<string, string>,
  stages: readonly Stage[],
): Pick<Observation, "newStages"> {
  const said = (meta.get("new") ?? "").split(" ");
  const found = stages.map(({ name }) => name).filter((name) => said.includes(name));
  return found.length === 0 ? {} : { newStages: found };
}

/** The fields of all lines from the first `meta` to the `end`, which must count what was sent. */
function answerLines(stdout: string, stages: readonly Stage[]): string[][] {
  const all = stdout.split("\n").map((line) => line.split("\t"));
  const begin = all.findIndex(([kind]) => kind === "meta");
  const end = all.findIndex(([kind], index) => kind === "end" && index > begin);
  if (begin < 0 || end < 0) throw new Error(`its answer ${begin < 0 ? "does not begin" : "breaks off"}`);
  const sent = countOf(stages);
  const read = all[end]?.[1] ?? "";
  if (read !== String(sent)) throw new Error(`it read ${printable(read, 10)} of ${sent} requirements`);
  return all.slice(begin, end);
}

const countOf = (stages: readonly Stage[]): number =>
  stages.reduce((sum, { requirements }) => sum + requirements.length, 0);

const plannedNames = (stages: readonly Stage[]): ReadonlySet<string> =>
  new Set(
    stages.flatMap(({ name, requirements }) => requirements.map((r) => `${name}\t${requirementName(r)}`)),
  );

function difference(kind: string, fields: readonly string[], planned: ReadonlySet<string>): Difference {
  const [stage = "", name = "", ...rest] = fields;
  if (!planned.has(`${stage}\t${name}`))
    throw new Error(`its answer names "${printable(`${stage} ${name}`, 80)}", which is not part of the plan`);
  return { stage, name, phrase: printable(rest.join(" ")), unrecorded: kind === "unrecorded" };
}

/** The names of the requirements that do not hold. */
export const differingNames = ({ differences }: Pick<Observation, "differences">): ReadonlySet<string> =>
  new Set(differences.filter(({ unrecorded }) => !unrecorded).map(({ name }) => name));

/** A value of the record; absent where the node says `none` or something that nodeprep never wrote. */
function value(meta: ReadonlyMap<string, string>, name: string, pattern: RegExp): string | undefined {
  const text = meta.get(name) ?? "none";
  return text !== "none" && pattern.test(text) ? text : undefined;
}
