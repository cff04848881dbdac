import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { quote } from "../../plan/quote";
import { put, type SignedRepository } from "./apt-repository";

/** A package of a local rpm repository. */
export interface Rpm {
  readonly name: string;
  /** `version-release`. */
  readonly version: string;
  /** Further lines of its spec, e.g. `Requires: other`. */
  readonly spec?: string;
  /** Content of its configuration file /etc/<name>.conf; none without it. */
  readonly conffile?: string;
  /** What runs when it has been installed. */
  readonly post?: string;
  /** What else is in it, by path; below /usr/bin executable. */
  readonly files?: Readonly<Record<string, string>>;
}

const run = promisify(execFile);

/** Makes a key for this repository alone, and an rpm repository whose packages are signed with it. */
export async function signedRpmRepository(packages: readonly Rpm[]): Promise<SignedRepository> {
  const folder = await mkdtemp(join(tmpdir(), "nodeprep-rpm-"));
  try {
    await run("sh", [
      "-euc",
      `cd ${quote(folder)}\n${keyScript}${packages.map(rpmScript).join("")}${indexScript}`,
    ]);
    const read = (name: string): Promise<string> => readFile(join(folder, name), "utf8");
    const [archive, key, fingerprint] = await Promise.all(["archive", "key", "fingerprint"].map(read));
    return { archive: archive ?? "", key: key ?? "", fingerprint: (fingerprint ?? "").trim() };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const keyScript = `
  export GNUPGHOME="$PWD/gnupg"; mkdir -m 0700 gnupg; mkdir repository
  gpg -q --batch --passphrase '' --quick-gen-key 'stand-in <t@example.org>' rsa2048 sign 0 2>/dev/null
  gpg --batch --with-colons --fingerprint | sed -n 's/^fpr:*\\([0-9A-F]*\\):*$/\\1/p' | head -n 1 >fingerprint
  gpg --batch --armor --export >key
`;

const rpmScript = ({ name, version, spec, conffile, post, files = {} }: Rpm): string => `
  rm -rf root; mkdir root
  ${Object.entries(files).map(put).join("")}
  cat >package.spec <<'END'
Name: ${name}
Version: ${version.split("-")[0] ?? ""}
Release: ${version.split("-")[1] ?? "1"}
Summary: a stand-in, for tests
License: none
BuildArch: noarch
${spec ?? ""}
%description
A stand-in, for tests.
%install
mkdir -p %{buildroot}/etc
cp -a %{root}/. %{buildroot}/
${conffile === undefined ? "" : `echo '${conffile}' >%{buildroot}/etc/${name}.conf`}
%files
${Object.keys(files).join("\n")}
${conffile === undefined ? "" : `%config(noreplace) /etc/${name}.conf`}
${post === undefined ? "" : `%post\n${post}\n`}END
  rpmbuild --quiet -bb --define "root $PWD/root" --define "_topdir $PWD/build" --define "_rpmdir $PWD/repository" package.spec >/dev/null 2>build.log ||
    { cat build.log >&2; exit 1; }
`;

const indexScript = `
  rpmsign --define '__gpg /usr/bin/gpg' --define '_gpg_name stand-in' --define "_gpg_path $GNUPGHOME" --addsign repository/*/*.rpm >/dev/null
  createrepo_c -q repository
  tar -C repository -cz . | base64 >archive
  gpgconf --kill gpg-agent
`;
