import { requirementName, type Requirement } from "../../../plan/requirement";
import { tamperings, type Tampering } from "../tamperings";
import type { TestMachine } from "./machine";
import { applyByHand, observeByHand, type SeenDifference } from "./toolkit";

/** The requirements of node-0's stages, by the Command's name. */
export type Stages = ReadonlyMap<string, readonly Requirement[]>;

/** A requirement, and what is done to it. */
export interface Tampered {
  readonly requirement: Requirement;
  readonly tampering: Tampering;
}

/** All that the table has for a requirement, one of these. */
export function tamperingsOf(requirement: Requirement, all: readonly Requirement[]): Tampered[] {
  const make = tamperings[requirement.kind];
  if (!make)
    throw new Error(
      `no tampering is known for requirements of kind ${requirement.kind}: add it to the table`,
    );
  return make(requirement)
    .filter(({ title }) => title !== "masked" || !all.some(isUnitFileOf(requirement)))
    .map((tampering) => ({ requirement, tampering }));
}

/** systemd masks no unit whose file is in /etc. */
const isUnitFileOf =
  ({ key: unit }: Requirement) =>
  ({ kind, key }: Requirement): boolean =>
    kind === "file" && key === `/etc/systemd/system/${unit}`;

/**
 * Every requirement tampered with, each of a kind in a way that none before it was; a kind that is not among those that
 * were tried elsewhere in as many rounds as it takes until it has seen all its ways; then what must be done apart.
 */
export function rounds(requirements: readonly Requirement[], tried: ReadonlySet<string>): Tampered[][] {
  const found: Tampered[][] = [];
  const apart: Tampered[][] = [];
  for (const [kind, all] of byKind(requirements)) {
    const together = turns(all.map((ways) => ways.filter(({ tampering }) => !tampering.apart)));
    together.slice(0, tried.has(kind) ? 1 : undefined).forEach((one, round) => {
      (found[round] ??= []).push(...one);
    });
    apart.push(all.flat().filter(({ tampering }) => tampering.apart));
  }
  return [...found, ...apart].filter(({ length }) => length > 0);
}

function turns(all: readonly (readonly Tampered[])[]): Tampered[][] {
  const unseen = new Set(all.flat().map(({ tampering }) => tampering.title));
  const found: Tampered[][] = [];
  while (unseen.size > 0) {
    const round = all.flatMap((ways) => {
      const next = ways.find(({ tampering }) => unseen.has(tampering.title));
      if (next) unseen.delete(next.tampering.title);
      return next ?? (found.length === 0 ? ways.slice(0, 1) : []);
    });
    found.push(round);
  }
  return found;
}

/** What the table has for each requirement, by kind. */
function byKind(requirements: readonly Requirement[]): ReadonlyMap<string, Tampered[][]> {
  const kinds = new Map<string, Tampered[][]>();
  for (const requirement of requirements)
    kinds.set(requirement.kind, [
      ...(kinds.get(requirement.kind) ?? []),
      tamperingsOf(requirement, requirements),
    ]);
  return kinds;
}

/**
 * Does these things at once, looks, and repairs. What went wrong, in words. What is left unrepaired is seen beside the
 * next tampering.
 */
export async function tamperAndRepair(
  machine: TestMachine,
  stages: Stages,
  tampered: readonly Tampered[],
): Promise<string[]> {
  for (const { requirement, tampering } of tampered)
    process.stderr.write(`${requirementName(requirement)}: ${tampering.title}\n`);
  await machine.sh(tampered.map(({ tampering }) => tampering.script).join("\n"));
  const seen = await observeByHand(machine, stages);
  const problems = problemsOf(tampered, seen);
  process.stderr.write(problems.map((problem) => `  ${problem}\n`).join(""));
  const requirements = tampered.map(({ requirement }) => requirement);
  for (const stage of concerned(stages, requirements, seen))
    await applyByHand(machine, stage, stages.get(`node-0-${stage}`) ?? []);
  return problems;
}

function problemsOf(tampered: readonly Tampered[], seen: readonly SeenDifference[]): string[] {
  const own = new Map(tampered.map((one) => [requirementName(one.requirement), one.tampering]));
  const follows = (name: string): boolean => [...own.values()].some(({ also }) => also?.test(name));
  const wrong = [...own].flatMap(([name, { title, phrase }]) => {
    const difference = seen.find((one) => one.name === name);
    if (!difference) return [`${name}: ${title}: not seen`];
    return phrase.test(difference.phrase) || follows(name)
      ? []
      : [`${name}: ${title}: seen as ${difference.phrase}`];
  });
  const titles = [...own].map(([name, { title }]) => `${name}: ${title}`).join(", ");
  const more = seen
    .filter(({ name }) => !own.has(name) && !follows(name))
    .map(({ name, phrase }) => `${titles}: ${name} ${phrase} as well`);
  return [...wrong, ...more];
}

/** The stages to apply again, in their order; what firewall changes, firewall-confirm confirms. */
function concerned(
  stages: Stages,
  tampered: readonly Requirement[],
  seen: readonly SeenDifference[],
): string[] {
  const names = new Set(seen.map(({ stage }) => stage));
  for (const [command, requirements] of stages)
    if (requirements.some((one) => tampered.includes(one))) names.add(command.replace(/^node-0-/, ""));
  if (names.has("firewall")) names.add("firewall-confirm");
  return [...stages.keys()]
    .map((command) => command.replace(/^node-0-/, ""))
    .filter((name) => names.has(name));
}
