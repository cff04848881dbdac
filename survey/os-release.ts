import type { Facts } from "../plan/facts";
import { printable } from "./text";

/** The parts of os-release that are facts, from its lines `os.NAME=value`. */
export function parseOsRelease(
  lines: ReadonlyMap<string, readonly string[]>,
): Pick<Facts, "osId" | "osVersion" | "osLike" | "osName"> {
  // A later line of a name wins, as in the shell.
  const value = (name: string): string => unquote(lines.get(`os.${name}`)?.at(-1) ?? "");
  const osId = word(value("ID")) || "linux";
  const osVersion = word(value("VERSION_ID"));
  const osLike = value("ID_LIKE").split(/\s+/).map(word).filter(Boolean);
  return {
    osId,
    osVersion,
    osLike,
    osName: printable(value("PRETTY_NAME"), 100) || `${osId} ${osVersion}`.trim(),
  };
}

const word = (text: string): string => (/^[A-Za-z0-9._-]{1,64}$/.test(text) ? text : "");

/** A value as the shell would read it: quotes go, backslashes keep the next character. Nothing is expanded. */
export function unquote(text: string): string {
  const parts = /'([^']*)'|"((?:[^"\\]|\\.)*)"|\\(.)|([^'"\\\s;&|]+)|([\s;&|].*$)|(.)/gsu;
  let value = "";
  for (const [, single, double, escaped, bare, rest] of text.matchAll(parts)) {
    // Behind an unquoted space or the end of a command there is no more value.
    if (rest !== undefined) break;
    value += single ?? double?.replace(/\\(["\\$`])/g, "$1") ?? escaped ?? bare ?? "";
  }
  return value;
}
