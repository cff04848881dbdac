import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { quote } from "../../plan/quote";

/** A package of a local repository. */
export interface Package {
  readonly name: string;
  readonly version: string;
  /** What is in it, by path; below /usr/bin executable. */
  readonly files?: Readonly<Record<string, string>>;
  /** Content of its configuration file /etc/<name>.conf; none without it. */
  readonly conffile?: string;
  /** What runs when it has been installed. */
  readonly postinst?: string;
  /** What a package of apt runs before it goes. */
  readonly prerm?: string;
}

/** A signed repository. */
export interface SignedRepository {
  /** The folder, as tar.gz in base64. */
  readonly archive: string;
  /** The key that it is signed with, in ASCII armor. */
  readonly key: string;
  readonly fingerprint: string;
}

const run = promisify(execFile);

/**
 * Runs a script in a folder of its own that is empty but for an empty folder `repository`, and gives back what that
 * has in it then, as tar.gz in base64, and other files.
 */
export async function repositoryOf<Name extends string>(
  script: string,
  names: readonly Name[],
): Promise<Readonly<Record<Name | "archive", string>>> {
  const folder = await mkdtemp(join(tmpdir(), "nodeprep-repository-"));
  try {
    const whole = `cd ${quote(folder)}\nmkdir repository\n${script}\ntar -C repository -cz . | base64 >archive`;
    await run("sh", ["-euc", whole]);
    const read = async (name: string) => [name, await readFile(join(folder, name), "utf8")] as const;
    const texts = await Promise.all(["archive", ...names].map(read));
    return Object.fromEntries(texts) as Record<Name | "archive", string>;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The same with a key for this repository alone. */
export async function signedRepositoryOf(script: string): Promise<SignedRepository> {
  const made = await repositoryOf(withKey(script), ["key", "fingerprint"]);
  return { ...made, fingerprint: made.fingerprint.trim() };
}

/** A script, between making a key `stand-in`, which the file `key` has then, and forgetting its other half. */
export const withKey = (script: string): string =>
  `${keyScript}${script}\ngpgconf --kill gpg-agent; rm -rf "$GNUPGHOME"\n`;

const keyScript = `
  export GNUPGHOME="$PWD/gnupg"; mkdir -m 0700 gnupg
  gpg -q --batch --passphrase '' --quick-gen-key 'stand-in <t@example.org>' rsa2048 sign 0 2>/dev/null
  gpg --batch --with-colons --fingerprint | sed -n 's/^fpr:*\\([0-9A-F]*\\):*$/\\1/p' | head -n 1 >fingerprint
  gpg --batch --armor --export >key
`;

/** Puts what is in a package below the new folder `root`. */
export const putFiles = ({ name, files = {}, conffile }: Package): string => `
  rm -rf root; mkdir -p root
  ${Object.entries(files).map(put).join("")}
  ${conffile === undefined ? "" : put([confPath(name), `${conffile}\n`])}
`;

/** A package's configuration file. */
export const confPath = (name: string): string => `/etc/${name}.conf`;

const put = ([path, content]: readonly [string, string]): string => `
  mkdir -p ${quote(`root${path.replace(/\/[^/]*$/, "")}`)}
  printf %s ${quote(content)} >${quote(`root${path}`)}
  ${path.startsWith("/usr/bin/") ? `chmod 0755 ${quote(`root${path}`)}` : ""}
`;
