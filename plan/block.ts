import { checkPath } from "./files";
import type { Requirement } from "./requirement";

/**
 * File `path`, which is there and otherwise somebody's, has these lines, between two marks.
 *
 * @throws when the path is not absolute and plain, or a line is none
 */
export function block(path: string, lines: readonly string[]): Requirement {
  checkPath(path);
  for (const line of lines)
    if (!/^[^\p{Cc}]+$/u.test(line))
      throw new Error(`${path}: ${JSON.stringify(line)} must be one line of text`);
  return { kind: "block", key: path, value: "present", body: lines.join("\n") };
}
