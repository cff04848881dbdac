import { basename } from "node:path";
import { access, type Ownership } from "./files";
import { pkg } from "./kinds";
import type { Requirement } from "./requirement";

/** Where something comes from, and what proves that it is what was meant. */
export type Source = Download | LocalFile;

/** Something that the node downloads. */
export interface Download {
  /**
   * `https://…`, `http://…`, or `file:///…` for a file that is on the node already. Without a password: it is seen
   * in previews and in the node's list of processes. The same file from elsewhere is not downloaded again.
   */
  readonly url: string;
  /** SHA-256 of what the URL gives, 64 hexadecimal digits. */
  readonly sha256: string;
  /**
   * The version that this is. A node that has the file refuses another version with the same SHA-256, which would
   * change nothing: one of the two was forgotten. Default: none, and the SHA-256 alone counts.
   */
  readonly version?: string;
}

/** A file of the operator's machine, pushed over SSH to a node that lacks it. */
export interface LocalFile {
  readonly file: string;
  readonly sha256: string;
  /** As of {@link Download}. */
  readonly version?: string;
}

/** What an archive may ask for besides its source. */
export interface ArchiveOptions {
  /** The folder of the archive whose content is wanted: `bin` for containerd's. Default: all of it. */
  readonly from?: string;
  /** The only files that are wanted, by their paths below that folder. Default: all. */
  readonly members?: readonly string[];
  /** Default `root:root`. */
  readonly owner?: string;
}

/**
 * The file that `source.url` gives is at `path`, with this mode and owner: a program, as projects publish it.
 *
 * Its SHA-256 is checked before anything is replaced, and it is replaced in one step: never is there half a file. A
 * download that breaks off goes on where it was, with the next apply too. Needs {@link downloadTools} before it, and
 * services that run it name it in `restartAfter` (`download:/usr/local/bin/runc`).
 *
 * @param options mode, by default `0755`, and owner
 * @throws when path, mode, owner, URL, sum or version are not of the forms above
 */
export const binary = (path: string, source: Source, options: Ownership = {}): Requirement => ({
  kind: "download",
  key: path,
  value: `${access(path, options, "0755")} ${sourceWords(path, source)}`,
  ...localFile(source),
});

/**
 * What the tar.gz at `source.url` holds is in `directory`: executables with mode 0755, other files with 0644. What
 * else is in the directory stays. When another archive takes its place, the files that only the old one had go.
 *
 * @param name one word that names it on the node: `cni-plugins`; services name it `download:cni-plugins`
 * @param directory made where it is missing
 * @throws like {@link binary}, and when name or members are not plain
 */
export function archive(
  name: string,
  directory: string,
  source: Source,
  { from, members = [], owner = "root:root" }: ArchiveOptions = {},
): Requirement {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name))
    throw new Error(`${JSON.stringify(name)} must be a word of letters, digits, dots and dashes`);
  if (/\s/.test(directory))
    throw new Error(`${name}: directory ${JSON.stringify(directory)} must hold no space`);
  for (const member of [...(from === undefined ? [] : [from]), ...members])
    if (!/^[A-Za-z0-9._+@-]+(\/[A-Za-z0-9._+@-]+)*$/.test(member) || /(^|\/)\.{1,2}(\/|$)/.test(member))
      throw new Error(`${name}: member ${JSON.stringify(member)} must be a plain path, like bin/containerd`);
  const { 1: owned = "" } = access(directory, { owner }, "0755").split(" ");
  const words = [
    `into=${directory}`,
    owned,
    ...(from === undefined ? [] : [`from=${from}`]),
    ...(members.length === 0 ? [] : [`members=${members.join(",")}`]),
    sourceWords(name, source),
  ];
  return { kind: "download", key: name, value: words.join(" "), ...localFile(source) };
}

/** These requirements, after what the node needs for them; of what is pushed to it, only archives need anything. */
export const downloaded = (requirements: readonly Requirement[]): readonly Requirement[] => {
  const isPushed = requirements.every((one) => one.localFile !== undefined);
  const hasArchive = requirements.some(({ key }) => !key.startsWith("/"));
  return [...(isPushed ? (hasArchive ? unpackTools() : []) : downloadTools()), ...requirements];
};

/** What downloading needs on a node, installed only where it is missing; before the first download of a stage. */
export const downloadTools = (): readonly Requirement[] => [
  pkg("ca-certificates", { early: true }),
  pkg("curl", { unless: ["curl", "wget"], early: true }),
  ...unpackTools(),
];

/** What archives need. */
const unpackTools = (): readonly Requirement[] => [
  pkg("tar", { unless: ["tar"], early: true }),
  pkg("gzip", { unless: ["gzip"], early: true }),
];

const localFile = (source: Source): Pick<Requirement, "localFile"> =>
  "file" in source ? { localFile: source.file } : {};

/** Where it lies on the operator's machine is that operator's matter: it would differ for the next one. */
const pushed = (file: string): string => `pushed:${basename(file).replace(/[^A-Za-z0-9._+-]/g, "_")}`;

function sourceWords(what: string, source: Source): string {
  const { sha256 } = source;
  if (!/^[0-9a-f]{64}$/.test(sha256))
    throw new Error(`${what}: SHA-256 ${JSON.stringify(sha256)} must be 64 hexadecimal digits in lower case`);
  const words = `sha256=${sha256}${versionWord(what, source.version)}`;
  if ("file" in source) return `${words} url=${pushed(source.file)}`;
  const { url } = source;
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (!parsed || !/^(https?:\/\/[^/]|file:\/\/\/)[!-~]*$/.test(url) || /["'\\]/.test(url))
    throw new Error(
      `${what}: ${JSON.stringify(url.replace(/[^/]*@/, "***@"))} must be a URL that begins with https://, http:// or file:///`,
    );
  if (parsed.username !== "" || parsed.password !== "")
    throw new Error(
      `${what}: the URL of ${parsed.host} holds a user or password, which everybody on the node could read: use a mirror that needs none`,
    );
  return `${words} url=${url}`;
}

function versionWord(what: string, version: string | undefined): string {
  if (version === undefined) return "";
  if (!/^[A-Za-z0-9][A-Za-z0-9.+~_-]*$/.test(version))
    throw new Error(
      `${what}: version ${JSON.stringify(version)} must be letters, digits, dots, dashes and the like`,
    );
  return ` version=${version}`;
}
