import { isDeepStrictEqual } from "node:util";
import { isProperties, isSecret, reveal, type Properties, type Value } from "./properties";

export interface Difference {
  /** `stdin`, `environment.PATH`, `triggers[0]` */
  readonly path: string;
  readonly kind: "add" | "delete" | "update";
  /** The resource must be replaced. */
  readonly replaces: boolean;
}

/** How the inputs of a resource have changed. A changed trigger replaces it, anything else updates it. */
export function differences(olds: Properties, news: Properties): Difference[] {
  const found: Omit<Difference, "replaces">[] = [];
  compareProperties("", given(olds), given(news), found);
  return found.map((one) => ({ ...one, replaces: /^triggers\b/.test(one.path) }));
}

/** The engine's own additions are no inputs of the command. */
function given(properties: Properties): Properties {
  return Object.fromEntries(
    Object.entries(properties).filter(([name]) => name !== "version" && !name.startsWith("__")),
  );
}

type Found = Omit<Difference, "replaces">[];

function compare(path: string, old: Value, now: Value, found: Found): void {
  if (isDeepStrictEqual(old, now)) return;
  if (old === null) found.push({ path, kind: "add" });
  else if (now === null) found.push({ path, kind: "delete" });
  else if (isSecret(old) && isSecret(now)) compare(path, reveal(old), reveal(now), found);
  else if (isSecret(old) || isSecret(now)) found.push({ path, kind: "update" });
  else if (Array.isArray(old) && Array.isArray(now)) compareLists(path, old, now, found);
  else if (isProperties(old) && isProperties(now)) compareProperties(path, old, now, found);
  else found.push({ path, kind: "update" });
}

function compareLists(path: string, old: Value[], now: Value[], found: Found): void {
  for (let index = 0; index < Math.max(old.length, now.length); index += 1) {
    compare(`${path}[${index}]`, old[index] ?? null, now[index] ?? null, found);
  }
}

function compareProperties(path: string, old: Properties, now: Properties, found: Found): void {
  const names = new Set([...Object.keys(old), ...Object.keys(now)]);
  for (const name of [...names].sort())
    compare(join(path, name), old[name] ?? null, now[name] ?? null, found);
}

function join(path: string, name: string): string {
  if (!/^[\w-]+$/.test(name)) return `${path}["${name.replace(/"/g, '\\"')}"]`;
  return path === "" ? name : `${path}.${name}`;
}
