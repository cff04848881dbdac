import type { Requirement } from "../../plan/requirement";

/** The requirements in the text, read as the protocol says and independently of what wrote it. */
export function decodeRequirements(text: string): Requirement[] {
  const read: { kind: string; key: string; value: string; body?: string }[] = [];
  for (const line of text.split("\n").slice(0, -1)) {
    const last = read.at(-1);
    if (line.startsWith("  |") && last)
      last.body = last.body === undefined ? line.slice(3) : `${last.body}\n${line.slice(3)}`;
    else {
      const [kind = "", key = "", ...value] = line.split(" ");
      read.push({
        kind,
        key: decodeURIComponent(key.replace(/%(?![0-9A-F]{2})/g, "%25")),
        value: value.join(" "),
      });
    }
  }
  return read;
}
