import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { commandLine, quote } from "../plan/quote";

/** The toolkit as one POSIX sh script. */
export interface ToolkitScript {
  readonly text: string;
  /** SHA-256 of the text, in hexadecimal digits. */
  readonly sha256: string;
}

/** Where the toolkit lives on a node. */
export const toolkitPath = "/usr/local/lib/nodeprep/nodeprep.sh";

const core = ["core.sh", "record.sh", "observe.sh", "apply.sh", "undo.sh", "main.sh"];

const shellFiles = (folder: string): string[] =>
  readdirSync(join(__dirname, folder))
    .filter((name) => name.endsWith(".sh") && !core.includes(name))
    .sort()
    .map((name) => join(folder, name));

function joined(files: readonly string[]): ToolkitScript {
  const parts = files.map((name) => readFileSync(join(__dirname, name), "utf8"));
  const text = [...parts, 'np_main "$@"\n'].join("");
  return { text, sha256: createHash("sha256").update(text).digest("hex") };
}

let whole: ToolkitScript | undefined;

/** The whole toolkit, read once. */
export function toolkitScript(): ToolkitScript {
  whole ??= joined([...core, ...shellFiles("."), ...shellFiles("kinds")]);
  return whole;
}

/** The part of it that reads facts: small, since it travels before anything else does. */
export const factsScript = (): ToolkitScript => joined(["core.sh", "main.sh", "facts.sh", "facts-ssh.sh"]);

/** A script as the first line of a loader's stdin. */
export const payloadLine = (script: ToolkitScript): string =>
  `${gzipSync(script.text, { level: 9 }).toString("base64")}\n`;

/** Constant text: it evals the first line of stdin; the rest of stdin is the script's own. */
const loader = 'IFS= read -r c && eval "$(printf %s "$c" | base64 -d | gzip -dc)"';

/** A command line that runs the script at the start of its stdin with these words, as root. */
export const loaderLine = (words: readonly string[], options: { readonly sudo: boolean }): string =>
  commandLine(...(options.sudo ? ["sudo", "-n"] : []), "sh", "-c", loader, "nodeprep", ...words);

/** A command line that runs the toolkit on the node with these words, as root. */
export const toolkitLine = (words: readonly string[], options: { readonly sudo: boolean }): string =>
  commandLine(...(options.sudo ? ["sudo", "-n"] : []), "sh", toolkitPath, ...words);

/** The same for undo, which may find the toolkit gone: then it says what to do instead of the shell's own error. */
export const undoLine = (words: readonly string[], options: { readonly sudo: boolean }): string =>
  `[ -r ${quote(toolkitPath)} ] || { echo ${quote(toolkitGone)} >&2; exit 1; }; ${toolkitLine(["undo", ...words], options)}`;

const toolkitGone =
  "nodeprep: error: the toolkit is gone from this node, so nothing can be given back: run pulumi up, which installs it again, then this again. If the machine was reinstalled, set retire: abandon on the node instead.";
