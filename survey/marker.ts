import { createHash } from "node:crypto";
import type { Difference } from "./types";

/** Most names in a marker, and most characters that they may take. */
const most = { names: 10, characters: 400 };

const safeName = /^[A-Za-z0-9_.:@/+=,*%-]+$/;

/**
 * The comment that a stage's create line ends with when something has drifted:
 * `# drifted since apply 7f3a: sysctl:net.ipv4.ip_forward, module:overlay`. It differs after every apply, because
 * the apply's id does; where nothing is on record, it says so, and the time takes the id's place. Names are those of
 * the plan, never the node's text; of many, the rest is a count and a digest. Empty where nothing differs.
 */
export function driftMarker(
  applyId: string | undefined,
  differences: readonly Pick<Difference, "name">[],
  now: Date = new Date(),
): string {
  if (differences.length === 0) return "";
  const names = [...new Set(differences.map(({ name }) => name))];
  for (const name of names)
    if (!safeName.test(name)) throw new Error(`${JSON.stringify(name)} cannot be part of a command line`);
  if (applyId === undefined || !/^[0-9a-f]{1,32}$/.test(applyId))
    return `# nothing on record at ${now.toISOString().slice(0, 19)}Z`;
  const shown = fitting(names);
  return `# drifted since apply ${applyId}: ${[...shown, ...summary(names.slice(shown.length))].join(", ")}`;
}

function fitting(names: readonly string[]): string[] {
  const shown: string[] = [];
  let left = most.characters;
  for (const name of names.slice(0, most.names)) {
    left -= name.length + 2;
    if (left < 0) break;
    shown.push(name);
  }
  return shown;
}

function summary(rest: readonly string[]): string[] {
  if (rest.length === 0) return [];
  const digest = createHash("sha256").update(rest.join("\n")).digest("hex").slice(0, 8);
  return [`and ${rest.length} more (${digest})`];
}
