const named: Record<string, string> = { "\u0007": "\\a", "\b": "\\b", "\f": "\\f", "\u000b": "\\v" };

/** Quotes text as Go's %q does, which Pulumi's own provider uses to show a command in its errors. */
export function goQuote(text: string): string {
  const quoted = JSON.stringify(text).slice(1, -1);
  const escapes = quoted.replace(/\\(?:u([0-9a-f]{4})|(.))/g, (all, code?: string) => {
    if (code === undefined) return all;
    const character = String.fromCharCode(Number.parseInt(code, 16));
    return named[character] ?? (code.startsWith("00") ? `\\x${code.slice(2)}` : all);
  });
  return `"${escapes.replace(/\u007f/g, "\\x7f")}"`;
}
