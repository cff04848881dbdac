/** Where a value stands: the keys that lead to it from `nodeprep:cluster`. */
export type Path = readonly (string | number)[];

/** One mistake in the configuration. */
export interface Problem {
  readonly path: Path;
  /** The value seen, already fit to be shown (`show`); absent where there is none. */
  readonly value?: string;
  /** What is wrong, or what is allowed instead: continues the sentence that the value begins. */
  readonly allowed: string;
  /** What to do about it. */
  readonly remedy: string;
}

/** The name of the configuration value that holds the cluster. */
export const rootKey = "nodeprep:cluster";

/** All mistakes as text for a person: a line that counts them, then one line each. */
export function formatProblems(problems: readonly Problem[]): string {
  const count = problems.length === 1 ? "1 mistake" : `${problems.length} mistakes`;
  const lines = problems.map((problem) => `  ${formatProblem(problem)}`);
  return [`The configuration has ${count}; no machine was touched:`, ...lines].join("\n");
}

/** One mistake as one line: `path: value allowed; remedy`. */
export function formatProblem({ path, value, allowed, remedy }: Problem): string {
  return `${formatPath(path)}: ${value === undefined ? "" : `${value} `}${allowed}; ${remedy}`;
}

/** `nodeprep:cluster.nodes.node-1.port`; keys that are no plain words are quoted in brackets. */
export function formatPath(path: Path): string {
  const parts = path.map((key) => (isPlain(key) ? `.${key}` : `[${showKey(key)}]`));
  return rootKey + parts.join("");
}

const isPlain = (key: string | number): boolean => typeof key === "string" && /^[\w-]{1,80}$/.test(key);

/** A key fit to be shown. */
export const showKey = (key: string | number): string =>
  typeof key === "number" || isPlain(key) ? String(key) : printable(cut(key));

/**
 * A value fit to be shown in an error: text as it is when it is plain, else quoted and cut; lists and mappings
 * by kind only. What looks like a private key is never shown.
 */
export function show(value: unknown): string {
  if (typeof value === "string") return showText(value);
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object" && value !== null) return "a mapping";
  return String(value);
}

function showText(text: string): string {
  if (/PRIVATE KEY/i.test(text)) return "[secret]";
  const short = cut(text);
  return /^[\w./:@%+=,~…-]+$/.test(short) ? short : printable(short);
}

const cut = (text: string): string => (text.length > 80 ? `${text.slice(0, 77)}…` : text);

/** Quoted, with everything that could disturb a terminal or a log line escaped. */
function printable(text: string): string {
  return JSON.stringify(text).replace(
    /[\p{C}\u2028\u2029]/gu,
    (char) => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`,
  );
}
