import { encodeRequirements, type Requirement } from "../../../plan/requirement";
import {
  arrivalLine,
  deliveryLine,
  loaderLine,
  observeScript,
  payloadLine,
  toolkitScript,
} from "../../../toolkit/script";
import type { TestMachine } from "./machine";

/** A difference as the toolkit prints it. */
export interface SeenDifference {
  readonly stage: string;
  readonly name: string;
  readonly phrase: string;
}

const owner = ["--as", "organization/nodeprep/test/node-0"];
const root = { sudo: false };

/*
 * The toolkit's verbs by hand, sent along as the survey and the toolkit's own stage do: what is on the machine may be
 * what was tampered with.
 */
async function run(machine: TestMachine, line: string, input: string): Promise<string> {
  const { code, stdout, stderr } = await machine.exec(line, { input });
  if (code !== 0) throw new Error(`${line} ended with ${code}: ${stderr}`);
  return stdout;
}

/** What does not hold of these stages. */
export async function observeByHand(
  machine: TestMachine,
  stages: ReadonlyMap<string, readonly Requirement[]>,
): Promise<SeenDifference[]> {
  const input = [...stages].map(
    ([name, requirements]) => `stage ${name.replace(/^node-0-/, "")}\n${encodeRequirements(requirements)}`,
  );
  const line = loaderLine(["observe", ...owner], root);
  const answer = await run(machine, line, payloadLine(observeScript()) + input.join(""));
  return answer
    .split("\n")
    .map((line) => line.split("\t"))
    .filter(([tag]) => tag === "differs" || tag === "unrecorded")
    .map(([, stage = "", name = "", phrase = ""]) => ({ stage, name, phrase }));
}

/** Applies one stage; the toolkit's own brings the toolkit. */
export async function applyByHand(
  machine: TestMachine,
  stage: string,
  requirements: readonly Requirement[],
): Promise<void> {
  if (stage === "toolkit") await run(machine, deliveryLine(root), payloadLine(toolkitScript()));
  await run(machine, arrivalLine(["apply", stage, ...owner], root), encodeRequirements(requirements));
}
