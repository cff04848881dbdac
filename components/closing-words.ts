import * as pulumi from "@pulumi/pulumi";
import type { PreparedNode } from "./prepared-node";
import type { SurveyedNode } from "./surveyed-node";

/** A node at the end of an update. */
export interface NodeAtTheEnd {
  readonly name: string;
  /** All its stages hold. */
  readonly done: boolean;
  /** It was looked at before the update. */
  readonly surveyed: boolean;
}

/** More names than this are counted. */
const NAMES = 20;

/** Which nodes are done and which are not; nothing where all are. */
export function closingWords(nodes: readonly NodeAtTheEnd[]): string | undefined {
  const names = (which: (node: NodeAtTheEnd) => boolean): readonly string[] =>
    nodes.filter(which).map(({ name }) => name);
  const done = names((node) => node.done);
  const alone = names((node) => !node.done && !node.surveyed);
  const failed = names((node) => !node.done && node.surveyed);
  if (done.length === nodes.length) return undefined;
  return [
    `nodeprep: ${done.length} of ${nodes.length} nodes are done${listed(": ", done)}.`,
    listed("Left alone, each with a warning that says why: ", alone, "."),
    listed("Not come to their end (see the errors), or no targets of this update: ", failed, "."),
  ]
    .filter((sentence) => sentence !== "")
    .join(" ");
}

/** The names behind some words, of many the first ones and a count; nothing where there are none. */
export function listed(before: string, names: readonly string[], after = ""): string {
  if (names.length === 0) return "";
  const more = names.length > NAMES ? `, and ${names.length - NAMES} more` : "";
  return `${before}${names.slice(0, NAMES).join(", ")}${more}${after}`;
}

/** What is said at the end, by one listener for all clusters of a program: Node.js warns of more than ten. */
const last: (() => string | undefined)[] = [];

function sayLast(words: () => string | undefined): void {
  if (last.push(words) > 1) return;
  process.once("exit", () => {
    for (const text of last.map((one) => one())) if (text !== undefined) process.stdout.write(`${text}\n`);
  });
}

/**
 * Says at the end of an update which nodes are done, where not all are. After a stage that fails the engine may end the
 * program at once: so it is said when the process ends, on its output, which the engine shows.
 */
export function sayAtTheEnd(nodes: readonly SurveyedNode[], prepared: readonly PreparedNode[]): void {
  if (pulumi.runtime.isDryRun()) return;
  const done = new Set<string>();
  for (const { context, holds } of prepared) void holds.then((yes) => yes && done.add(context.name));
  sayLast(() =>
    closingWords(
      nodes.map(({ context: { name }, survey }) => {
        const surveyed = survey?.reachable !== false;
        return { name, surveyed, done: surveyed && done.has(name) };
      }),
    ),
  );
}
