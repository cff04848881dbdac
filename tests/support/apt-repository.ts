import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { quote } from "../../plan/quote";

/** A package of a local repository: what is in it, by path; scripts below /usr/bin are made executable. */
export interface Contents {
  readonly name: string;
  readonly version: string;
  /** Further lines of its control file, e.g. `Depends: other`. */
  readonly control?: string;
  readonly files: Readonly<Record<string, string>>;
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

/** Makes a key for this repository alone, and a flat apt repository that is signed with it. */
export async function signedAptRepository(packages: readonly Contents[]): Promise<SignedRepository> {
  const folder = await mkdtemp(join(tmpdir(), "nodeprep-apt-"));
  try {
    await run("sh", ["-euc", `cd ${quote(folder)}\n${packages.map(debScript).join("")}${indexScript}`]);
    const read = (name: string): Promise<string> => readFile(join(folder, name), "utf8");
    const [archive, key, fingerprint] = await Promise.all(["archive", "key", "fingerprint"].map(read));
    return { archive: archive ?? "", key: key ?? "", fingerprint: (fingerprint ?? "").trim() };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Puts a file of a package below the folder `root`. */
export const put = ([path, content]: readonly [string, string]): string => `
  mkdir -p ${quote(`root${path.replace(/\/[^/]*$/, "")}`)}
  printf %s ${quote(content)} >${quote(`root${path}`)}
  ${path.startsWith("/usr/bin/") ? `chmod 0755 ${quote(`root${path}`)}` : ""}
`;

const debScript = ({ name, version, control, files }: Contents): string => `
  rm -rf root; mkdir -p root/DEBIAN repository
  printf %s ${quote(`Package: ${name}
Version: ${version}
Architecture: all
Maintainer: T <t@example.org>
${control === undefined ? "" : `${control}\n`}Description: a stand-in, for tests
`)} >root/DEBIAN/control
  ${Object.entries(files).map(put).join("")}
  dpkg-deb --root-owner-group -Znone -b root ${quote(`repository/${name}_${version}.deb`)} >/dev/null
`;

const indexScript = `
  export GNUPGHOME="$PWD/gnupg"; mkdir -m 0700 gnupg
  gpg -q --batch --passphrase '' --quick-gen-key 'stand-in <t@example.org>' rsa2048 sign 0 2>/dev/null
  gpg --batch --with-colons --fingerprint | sed -n 's/^fpr:*\\([0-9A-F]*\\):*$/\\1/p' | head -n 1 >fingerprint
  gpg --batch --armor --export >key
  cd repository
  for deb in *.deb; do
    dpkg-deb -f "$deb"
    printf 'Filename: ./%s\\nSize: %s\\nSHA256: ' "$deb" "$(stat -c %s "$deb")"
    sha256sum "$deb" | cut -d' ' -f1
    echo
  done >Packages
  { printf 'Origin: stand-in\\nDate: %s\\nSHA256:\\n' "$(date -Ru)"
    printf ' %s %s Packages\\n' "$(sha256sum Packages | cut -d' ' -f1)" "$(stat -c %s Packages)"; } >Release
  gpg -q --batch --clearsign -o InRelease Release
  tar -cz . | base64 >../archive
  gpgconf --kill gpg-agent
`;
