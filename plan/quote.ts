/** Quotes one word for a POSIX shell. The only place where text becomes part of a command line. */
export function quote(word: string): string {
  if (word.includes("\0")) throw new Error("a NUL character cannot be part of a command line");
  return /^[A-Za-z0-9_./:@%+=,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** Quotes and joins the words of a command line. */
export const commandLine = (...words: readonly string[]): string => words.map(quote).join(" ");

/** The command line that runs these words as root, by sudo where the user is another one. */
export const asRoot = (sudo: boolean, ...words: readonly string[]): string =>
  commandLine(...(sudo ? ["sudo", "-n"] : []), ...words);
