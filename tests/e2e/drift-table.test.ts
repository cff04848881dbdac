import { requirementName, type Requirement } from "../../plan/requirement";
import { tamperings, type Tampering } from "./tamperings";
import { preparedCluster, type PreparedCluster } from "./support/prepared-cluster";
import { applyByHand, observeByHand, type SeenDifference } from "./support/toolkit";

/*
 * Every tampering of the table, one by one, through observe and apply as they run on the node; the engine's part is
 * the same for all of them and is tested with some.
 */
describe("drift", () => {
  let cluster: PreparedCluster;
  let stages: ReadonlyMap<string, readonly Requirement[]>;

  beforeAll(async () => {
    cluster = await preparedCluster();
    stages = await cluster.stack.requirements();
  });
  afterAll(() => cluster.stop());

  it("has a tampering for every kind of requirement", () => {
    const kinds = new Set([...stages.values()].flat().map(({ kind }) => kind));
    expect([...kinds].filter((kind) => tamperings[kind] === undefined)).toEqual([]);
  });

  it("sees each tampering alone, names it, and repairs it", async () => {
    const failures: string[] = [];
    for (const { requirement, tampering } of allTamperings(stages)) {
      // There is no SELinux on this machine; selinux.test.ts has another.
      if (requirement.kind === "selinux") continue;
      process.stderr.write(`${requirementName(requirement)}: ${tampering.title}\n`);
      const problems = await tamperAndRepair(cluster, stages, requirement, tampering);
      process.stderr.write(problems.map((problem) => `  ${problem}\n`).join(""));
      failures.push(...problems);
    }
    expect(failures).toEqual([]);
    expect(await observeByHand(cluster.machine, stages)).toEqual([]);
  });
});

type Stages = ReadonlyMap<string, readonly Requirement[]>;

const allTamperings = (stages: Stages): { requirement: Requirement; tampering: Tampering }[] =>
  [...stages.values()]
    .flat()
    .flatMap((requirement) =>
      (tamperings[requirement.kind]?.(requirement) ?? []).map((tampering) => ({ requirement, tampering })),
    );

/** What went wrong, in words. What is left unrepaired is seen beside the next tampering. */
async function tamperAndRepair(
  { machine }: PreparedCluster,
  stages: Stages,
  requirement: Requirement,
  tampering: Tampering,
): Promise<string[]> {
  const name = requirementName(requirement);
  const title = `${name}: ${tampering.title}`;
  await machine.sh(tampering.script);
  const seen = await observeByHand(machine, stages);
  const own = seen.find((difference) => difference.name === name);
  const failures = own ? [] : [`${title}: not seen`];
  if (own && !tampering.phrase.test(own.phrase)) failures.push(`${title}: seen as ${own.phrase}`);
  for (const other of seen)
    if (other !== own && !tampering.also?.test(other.name))
      failures.push(`${title}: ${other.name} ${other.phrase} as well`);
  for (const stage of concerned(stages, requirement, seen))
    await applyByHand(machine, stage, stages.get(`node-0-${stage}`) ?? []);
  return failures;
}

/** The stages to apply again, in their order; what firewall changes, firewall-confirm confirms. */
function concerned(stages: Stages, requirement: Requirement, seen: readonly SeenDifference[]): string[] {
  const names = new Set(seen.map(({ stage }) => stage));
  for (const [command, requirements] of stages)
    if (requirements.includes(requirement)) names.add(command.replace(/^node-0-/, ""));
  if (names.has("firewall")) names.add("firewall-confirm");
  return [...stages.keys()]
    .map((command) => command.replace(/^node-0-/, ""))
    .filter((name) => names.has(name));
}
