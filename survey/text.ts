/** Longest text of a node that is shown, in characters. */
const shown = 300;

// Everything that could move a terminal's cursor, start an escape sequence or turn the direction of writing.
const unsafe =
  /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\uffff]|[\ud800-\udfff]/gu;

/**
 * Pulumi's display takes `<{%…%}>` for a color, in whatever it shows, and the whole engine ends at one that it does not
 * know.
 */
export const withoutMarks = (text: string): string => text.replaceAll("<{%", "<{?");

/** A node's text made fit for a person's terminal: control characters become `?`, long text is cut. */
export function printable(text: string, limit: number = shown): string {
  const clean = withoutMarks(text.replace(unsafe, "?"));
  return clean.length <= limit ? clean : `${clean.slice(0, limit - 1)}…`;
}

/** The same for text of several lines, such as stderr: one line, empty lines left out. */
export const printableLines = (text: string, limit: number = shown): string =>
  printable(
    text
      .split(/[\r\n]+/)
      .map((line) => line.trim())
      .filter((line) => line !== "")
      .join("; "),
    limit,
  );

/** What a command that failed said of it; its exit code where it said nothing. */
export const whatItSaid = ({ code, stderr }: { readonly code: number; readonly stderr: string }): string =>
  printableLines(stderr) || `exit code ${code}`;
