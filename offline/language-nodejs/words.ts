/** Splits a line into words as a shell does: blanks separate, quotes and backslashes keep together. */
export function splitWords(line: string): string[] {
  const word = /(?:[^\s"'\\]|\\.|"(?:[^"\\]|\\.)*"|'[^']*')+/g;
  return (line.match(word) ?? []).map(unquote);
}

function unquote(word: string): string {
  return word.replace(
    /\\(.)|"((?:[^"\\]|\\.)*)"|'([^']*)'/g,
    (_all, escaped?: string, double?: string, single?: string) =>
      escaped ?? double?.replace(/\\(.)/g, "$1") ?? single ?? "",
  );
}
