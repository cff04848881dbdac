import fc from "fast-check";
import { stagesOf } from "../../../components/stages";
import type { Result } from "../../../config/load";
import type { Facts } from "../../../plan/facts";
import { encodeRequirements, requirementName, type Stage } from "../../../plan/requirement";
import { driftMarker } from "../../../survey/marker";
import { decodeRequirements } from "../../support/requirements";
import { context } from "./fixtures";

/** Texts that would do harm wherever they were taken for more than a text. */
export const attacks = [
  "$(reboot)",
  "`reboot`",
  "'; reboot; '",
  '"; reboot; "',
  "a\nfile /etc/passwd mode=0777",
  "a\n  |b",
  "a\r\nb",
  "\u001b]0;x\u0007",
  "--adopt",
  "-oProxyCommand=reboot",
  "../../etc/passwd",
  "%2e%2e%0a",
  "|reboot",
  "a b\tc",
  "stage other",
  "\u202egnp",
  "<{%no color of Pulumi's%}>",
  "*",
  "~root",
  "x".repeat(100_000),
  // Names that every object in JavaScript has.
  "toString",
  "constructor",
  "__proto__",
];

/** What chance brings besides. */
export const hostile = fc.oneof(fc.string({ minLength: 1 }), fc.string({ unit: "binary", minLength: 1 }));

/** A run is the same run again, unless another seed is asked for. */
const seed = Number(process.env["NODEPREP_SEED"] ?? 1);

/** Each of the attacks for certain, and then what chance brings. */
export const runs = { numRuns: attacks.length + 8, seed } as const;
export const settings: fc.Parameters<[string]> = { ...runs, examples: attacks.map((text) => [text]) };

/** Everything that would be run for these facts and this configuration: it must hold nothing of the value. */
export function expectHarmless(result: Result, seen: Facts): "refused" | "carried" {
  if (!result.ok) return "refused";
  const stages = stagesOf(result.cluster, result.cluster.nodes[0]!);
  for (const stage of stages) {
    let requirements: Stage["requirements"];
    try {
      requirements = stage.requirements(seen, context);
    } catch (error) {
      // A plan that cannot be made is that node's error, which survey/survey.ts cleans and shows.
      expect((error as Error).constructor).toBe(Error);
      return "refused";
    }
    // Where a file is on the operator's machine, and what may come early, is the survey's business, and is not sent.
    const sent = requirements.map(({ localFile: _, early: __, ...requirement }) => requirement);
    expect(decodeRequirements(encodeRequirements(requirements))).toEqual(sent);
    // All else in a command line is constant (stage-command.test.ts): it names what has drifted.
    const marker = driftMarker(
      "7f3a",
      requirements.map((r) => ({ name: requirementName(r) })),
    );
    expect(marker).toMatch(/^# drifted since apply 7f3a: [A-Za-z0-9_.:@/+=,*% ()-]+$/);
    const differing = requirements.map(requirementName);
    for (const text of stage.warnings(seen, { node: context, requirements, differing }))
      expect(text).not.toMatch(/[\p{Cc}\u2028\u202e]|<\{%/u);
  }
  return "carried";
}
