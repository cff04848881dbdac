import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { partsOf, reachable, type Part } from "./parts";
import { asRoot, commandLine } from "../plan/quote";

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

/** Computed once: every node gets the same. */
function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}

const sources = once(() =>
  [...core, ...shellFiles("."), ...shellFiles("kinds")].flatMap((name) =>
    partsOf(readFileSync(join(__dirname, name), "utf8")),
  ),
);

/** Without it the script only defines functions, and ends well. */
const lastLine = 'np_main "$@"';

function joined(parts: readonly Part[]): ToolkitScript {
  const text = ["# nodeprep's toolkit", ...parts.map((part) => part.text), lastLine, ""].join("\n");
  return { text, sha256: createHash("sha256").update(text).digest("hex") };
}

/** What is installed on a node: all but the reading of facts, which only a survey does. */
export const toolkitScript = once(() =>
  joined(reachable(sources(), (name) => !/^(facts_|np_verb_facts$)/.test(name))),
);

/** The part of it that reads facts. */
export const factsScript = once(() =>
  joined(reachable(sources(), (name) => name === "np_main" || name === "np_verb_facts")),
);

/**
 * Where observing goes on by a computed name: `KIND_observe`, `KIND_survey`, `package_MANAGER_list`,
 * `cgroup_driver_of_RUNTIME`.
 */
const observing = /^(np_main|np_verb_observe|(?!np_)\w+_(observe|survey|list)|cgroup_driver_of_\w+)$/;

/** The part of it that observes: a survey sends no line that could change a node. */
export const observeScript = once(() => joined(reachable(sources(), (name) => observing.test(name))));

const packed = (text: string): string => gzipSync(text, { level: 9 }).toString("base64");

/** A script as the first line of a loader's stdin. */
export const payloadLine = (script: ToolkitScript): string => `${packed(script.text)}\n`;

/** Constant text: it evals the first line of stdin; the rest of stdin is the script's own. */
const loader = 'IFS= read -r c && eval "$(printf %s "$c" | base64 -d | gzip -dc)"';

/** A command line that runs the script at the start of its stdin with these words, as root. */
export const loaderLine = (words: readonly string[], options: { readonly sudo: boolean }): string =>
  asRoot(options.sudo, "sh", "-c", loader, "nodeprep", ...words);

/** A command line that runs the toolkit on the node with these words, as root. */
export const toolkitLine = (words: readonly string[], options: { readonly sudo: boolean }): string =>
  asRoot(options.sudo, "sh", toolkitPath, ...words);

/*
 * The toolkit's own way to a node. Its text would be three quarters of a stack's state if it travelled in a Command,
 * so in an update the survey leaves it in /run of a node that lacks it, and the first stage installs it from there.
 */
const arrivalPath = once(() => `/run/nodeprep-toolkit-${toolkitScript().sha256.slice(0, 16)}.sh`);

/**
 * Constant text: what a command makes of stdin becomes file $1, for root alone, whole or not at all. Of two that arrive at
 * once, of two stacks' updates, each writes a file of its own.
 */
const keep = (command: string): string =>
  `umask 077; n=$1.$$; if ${command} >"$n" && mv -f -- "$n" "$1"; then :; else rm -f -- "$n"; exit 1; fi`;

/** A command line that leaves the toolkit on its stdin, as {@link payloadLine} has it, on the node, as root. */
export const deliveryLine = (options: { readonly sudo: boolean }): string =>
  asRoot(options.sudo, "sh", "-c", keep("base64 -d | gzip -dc"), "nodeprep", arrivalPath());

/** Where the survey of a first update leaves what later stages need of the distribution's packages. */
const earlyPath = "/run/nodeprep-early";

/** A command line that leaves the requirements on its stdin, packages, for the first stage that installs any, as root. */
export const earlyLine = (options: { readonly sudo: boolean }): string =>
  asRoot(options.sudo, "sh", "-c", keep("cat"), "nodeprep", earlyPath);

const arrived =
  'f=$1; shift; [ -r "$f" ] || f=$1; shift; [ -r "$f" ] || ' +
  `{ echo "nodeprep: error: the toolkit is not on this node: run pulumi up again, which brings it" >&2; exit 1; }; ` +
  'exec sh "$f" "$@"';

/** A command line that runs the toolkit as it was left on the node, or else the one installed there, as root. */
export const arrivalLine = (words: readonly string[], options: { readonly sudo: boolean }): string =>
  asRoot(options.sudo, "sh", "-c", arrived, "nodeprep", arrivalPath(), toolkitPath, ...words);

/**
 * The same for the undo of a stage, or of everything (`--all`), which may find the toolkit gone, or without its end: then
 * it says what to do instead of the shell's own error, or of undoing nothing without a word. The undo of everything ends
 * well where it was this owner's that took the toolkit away, and only the engine did not hear of it.
 */
export const undoLine = (
  what: string,
  owner: string,
  options: { readonly sudo: boolean; readonly undoWithPods?: boolean },
): string => {
  const words = ["undo", what, "--as", owner, ...(options.undoWithPods ? ["--with-pods"] : [])];
  const all = what === "--all";
  const given = [toolkitPath, lastLine, withoutToolkit, ...(all ? [`done ${owner}`] : [])];
  const gone = 'echo "nodeprep: error: the toolkit $1 is gone, or cut short: $3" >&2';
  const otherwise = `{ ${all ? givenBack : ""}${gone}; exit 1; }`;
  const script = `[ "$(tail -n 1 "$1" 2>/dev/null)" = "$2" ] || ${otherwise}; shift ${given.length}; exec "$@"`;
  return `${commandLine("sh", "-c", script, "nodeprep", ...given)} ${toolkitLine(words, options)}`;
};

/** Where the toolkit says that it gave everything back, and to whom (`np_let_go`). */
const letGoPath = "/run/nodeprep-let-go";

const givenBack =
  `if grep -qxF -- "$4" ${letGoPath} 2>/dev/null; then ` +
  'echo "nodeprep: everything was given back already; record and toolkit are gone" >&2; exit 0; fi; ';

/** Part of the command line, which errors of other causes quote: so it does not say that the toolkit is gone. */
const withoutToolkit =
  "run pulumi up, then this again; if the machine was reinstalled, set retire: abandon on the node and run pulumi up";

const arrivalsScript = (step: "look" | "take"): string =>
  readFileSync(join(__dirname, "arrivals", `${step}.sh`), "utf8")
    .replaceAll("\r\n", "\n")
    .replace(/^#.*\n+/gm, "");

/** Constant text: it evals its first word, unpacked. Stdin is the script's own. */
const unpacked = 's=$1; shift; eval "$(printf %s "$s" | base64 -d | gzip -dc)"';

/**
 * A command line that sees to files that the survey pushes, as root: what has arrived (`look`), or that more arrives
 * (`take`). Packed, the script is one word, which any login shell takes; to csh, text of several lines is none.
 */
export const arrivalsLine = (
  step: "look" | "take",
  words: readonly string[],
  options: { readonly sudo: boolean },
): string => asRoot(options.sudo, "sh", "-c", unpacked, "nodeprep", packed(arrivalsScript(step)), ...words);
