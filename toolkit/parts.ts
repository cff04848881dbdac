/*
 * The toolkit's text taken apart. Its files hold nothing at the left margin but functions, assignments and a few
 * statements (shellcheck and the toolkit's tests see to it), so no parser of shell is needed.
 */

/** A function or a variable with the lines that define it, or lines that every script needs (no name). */
export interface Part {
  readonly name: string | undefined;
  readonly text: string;
}

const definition = /^([A-Za-z_][A-Za-z0-9_]*)(\(\) \{|=)/;
const statement = /^(export|umask|unset) /;
const comment = /^\s*(#|$)/;

/**
 * Takes a script apart, without its comments: they are for whoever reads the sources. Git for Windows may have written its
 * lines with a carriage return, which no shell reads.
 *
 * @throws when a line at the left margin begins nothing that is known: its part would be in every script, or torn apart
 */
export function partsOf(script: string): Part[] {
  const parts: Part[] = [];
  const lines = script.split(/\r?\n/).filter((line) => !comment.test(line));
  while (lines.length > 0) {
    const name = definition.exec(lines[0] ?? "")?.[1];
    if (name === undefined && !statement.test(lines[0] ?? ""))
      throw new Error(
        `cannot tell what begins with ${JSON.stringify(lines[0])}: at the left margin of the toolkit's files there must be ` +
          "NAME() {, NAME=VALUE, or export, umask or unset; write it as one of these",
      );
    const text = lines.splice(0, lengthOf(lines)).join("\n");
    parts.push({ name: text.startsWith("IFS=") ? undefined : name, text });
  }
  return parts;
}

/** How many lines belong to what the first one begins. */
function lengthOf(lines: readonly string[]): number {
  const [first = ""] = lines;
  if (/^\w+\(\) \{/.test(first)) return first.endsWith("}") ? 1 : lines.indexOf("}") + 1;
  if (statement.test(first)) return 1;
  const open = lines.findIndex((_, index) => quotes(lines.slice(0, index + 1)) % 2 === 0);
  return open + 1;
}

const quotes = (lines: readonly string[]): number => lines.join("\n").split("'").length - 1;

/** What the parts with these names need, themselves included, in the order of the script. */
export function reachable(parts: readonly Part[], roots: (name: string) => boolean): Part[] {
  const wanted = new Set(parts.filter(({ name }) => name === undefined || roots(name)));
  for (const part of wanted) {
    const words = new Set(part.text.match(/\w+/g));
    for (const other of parts) if (other.name !== undefined && words.has(other.name)) wanted.add(other);
  }
  return parts.filter((part) => wanted.has(part));
}
