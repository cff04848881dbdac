import type { Requirement } from "../../../plan/requirement";

/** Reads requirements back from a Command's stdin, by the documented form alone. */
export function decodeRequirements(text: string): Requirement[] {
  const found: { kind: string; key: string; value: string; body?: string }[] = [];
  for (const line of text.split("\n")) {
    const last = found.at(-1);
    const header = /^([a-z_]+) (\S+) (.*)$/.exec(line);
    if (line.startsWith("  |") && last) {
      last.body = last.body === undefined ? line.slice(3) : `${last.body}\n${line.slice(3)}`;
    } else if (header) {
      const [, kind = "", key = "", value = ""] = header;
      found.push({ kind, key: decodeURIComponent(key), value });
    }
  }
  return found;
}
