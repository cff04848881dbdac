import { encodeRequirements, type Requirement } from "../../../plan/requirement";
import type { TestMachine } from "./machine";

/** A difference as the toolkit prints it. */
export interface SeenDifference {
  readonly stage: string;
  readonly name: string;
  readonly phrase: string;
}

const owner = "organization/nodeprep/test/node-0";
const toolkit = "/usr/local/lib/nodeprep/nodeprep.sh";

/*
 * The toolkit's verbs by hand, as the provider and the survey run them. Its text comes from the tests' own copy, since
 * the one on the machine may be what was tampered with.
 */
async function run(machine: TestMachine, verb: string, input: string): Promise<string> {
  const marker = "end-of-requirements";
  return machine.sh(`sh /run/toolkit-under-test ${verb} --as ${owner} <<'${marker}'\n${input}${marker}\n`);
}

async function provide(machine: TestMachine): Promise<void> {
  await machine.sh(`[ -e /run/toolkit-under-test ] || cp ${toolkit} /run/toolkit-under-test`);
}

/** What does not hold of these stages. */
export async function observeByHand(
  machine: TestMachine,
  stages: ReadonlyMap<string, readonly Requirement[]>,
): Promise<SeenDifference[]> {
  await provide(machine);
  const input = [...stages]
    .map(
      ([name, requirements]) => `stage ${name.replace(/^node-0-/, "")}\n${encodeRequirements(requirements)}`,
    )
    .join("");
  const answer = await run(machine, "observe", input);
  return answer
    .split("\n")
    .map((line) => line.split("\t"))
    .filter(([tag]) => tag === "differs" || tag === "unrecorded")
    .map(([, stage = "", name = "", phrase = ""]) => ({ stage, name, phrase }));
}

/** Applies one stage. The toolkit's own goes by copying it back, which is what its loader does. */
export async function applyByHand(
  machine: TestMachine,
  stage: string,
  requirements: readonly Requirement[],
): Promise<void> {
  await provide(machine);
  if (stage === "toolkit") {
    await machine.sh(
      `mkdir -p -m 0755 ${toolkit.replace(/\/[^/]*$/, "")}; install -m 0644 /run/toolkit-under-test ${toolkit}`,
    );
  } else {
    await run(machine, `apply ${stage}`, encodeRequirements(requirements));
  }
}
