import { createHash } from "node:crypto";
import type { Facts } from "./facts";
import type { Requirement } from "./requirement";

/** How a file or directory is to be: `mode` in octal digits, `owner` as `user:group`, names or numbers. */
export interface Ownership {
  /** Default `0644` for files, `0755` for directories. */
  readonly mode?: string;
  /** Default `root:root`. */
  readonly owner?: string;
}

/** How files begin that are nodeprep's as a whole, where `#` begins a comment. */
export const writtenByNodeprep =
  "# Written by nodeprep; a change made here is drift, and the next update takes it back.\n";

/** What a file requirement may ask for besides its content. */
export interface FileOptions extends Ownership {
  /**
   * SHA-256 of the user's file that was merged into the content, `absent` where there was none: apply refuses when
   * the file is another by then.
   */
  readonly basedOn?: string;
  /**
   * Have a program on the node check the content before it is written, where it is there: `sudoers` visudo (one bad
   * rule stops sudo altogether), `apt_sources` apt, beside the node's other sources (two that contradict each other stop
   * apt altogether), and a runtime's name that runtime, as it is to read it.
   */
  readonly check?: string;
}

/**
 * File `path` has exactly this content, mode and owner. Folders on the way to it are made where they are missing.
 *
 * @param content text; a last line without a line break gets one
 * @throws when the path is not absolute and plain, or mode or owner are not of the forms above
 */
export function file(path: string, content: string, options: FileOptions = {}): Requirement {
  const body = content.replace(/\n$/, "");
  const sha256 = createHash("sha256")
    .update(body === "" ? "" : `${body}\n`)
    .digest("hex");
  const words = [
    access(path, options, "0644"),
    `sha256=${sha256}`,
    ...(options.basedOn === undefined ? [] : [`based-on=${options.basedOn}`]),
    ...(options.check === undefined ? [] : [`check=${options.check}`]),
  ];
  return { kind: "file", key: path, value: words.join(" "), body };
}

/** What a directory requirement may ask for besides its existence. */
export interface DirectoryOptions extends Ownership {
  /**
   * Names of what a service makes in it by itself. Where the directory was made for it, undo takes them away too,
   * except under a mount; what else is in it stays.
   */
  readonly contents?: readonly string[];
}

/**
 * A user's file with ours merged into it. The hash that the merge started from goes with it, so that apply refuses
 * when the file is another by then; it is the same as long as the file holds, so that a preview stays empty.
 *
 * @param facts must have the file: the stage `asks` for it
 * @param merge gives the content from the one found (`undefined`: no such file); one that has everything already
 *   must come back as it is
 */
export function mergedFile(
  path: string,
  { files }: Pick<Facts, "files">,
  merge: (found: string | undefined) => string,
  options: Ownership = {},
): Requirement {
  const found = files[path];
  const content = merge(found?.content);
  const holds = found !== undefined && file(path, content).value.endsWith(`sha256=${found.sha256}`);
  const basedOn = (holds ? found.basedOn : undefined) ?? found?.sha256 ?? "absent";
  return file(path, content, { ...options, basedOn });
}

/**
 * Directory `path` exists, or is a symbolic link to one that does, with this mode and owner.
 *
 * @throws like {@link file}, and when one of the contents is no plain name
 */
export function directory(path: string, { contents = [], ...options }: DirectoryOptions = {}): Requirement {
  for (const name of contents)
    if (!/^[A-Za-z0-9_][A-Za-z0-9._-]*$/.test(name))
      throw new Error(
        `${path}: content ${JSON.stringify(name)} must be a name of letters, digits, dots and dashes`,
      );
  const words = [
    access(path, options, "0755"),
    ...(contents.length === 0 ? [] : [`contents=${contents.join(",")}`]),
  ];
  return { kind: "directory", key: path, value: words.join(" ") };
}

/** The words for mode and owner, checked along with the path that they are for. */
export function access(path: string, { mode, owner = "root:root" }: Ownership, usual: string): string {
  const octal = mode ?? usual;
  checkPath(path);
  if (!/^[0-7]{3,4}$/.test(octal))
    throw new Error(
      `${path}: mode ${JSON.stringify(octal)} must be three or four octal digits, like ${usual}`,
    );
  if (!/^[A-Za-z0-9_][A-Za-z0-9_.-]*:[A-Za-z0-9_][A-Za-z0-9_.-]*$/.test(owner))
    throw new Error(`${path}: owner ${JSON.stringify(owner)} must be user:group, like root:root`);
  return `mode=${octal} owner=${owner}`;
}

/** Refuses a path that is not absolute and plain. */
export function checkPath(path: string): void {
  if (/^\/[^\p{Cc}]*$/u.test(path) && !/\/(\.{0,2})(\/|$)/.test(path)) return;
  throw new Error(
    `${JSON.stringify(path)} must be an absolute path without . or .., // or a slash at its end`,
  );
}
