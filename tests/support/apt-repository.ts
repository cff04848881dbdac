import { quote } from "../../plan/quote";
import {
  confPath,
  putFiles,
  repositoryOf,
  signedRepositoryOf,
  type Package,
  type SignedRepository,
} from "./packages";

/** A package of a local apt repository. */
export interface Deb extends Package {
  /** Further lines of its control file, e.g. `Depends: other`. */
  readonly control?: string;
}

/** A flat apt repository that nobody has signed, as tar.gz in base64. */
export async function aptRepository(packages: readonly Deb[]): Promise<string> {
  return (await repositoryOf(indexed(packages), [])).archive;
}

/** Makes a key for this repository alone, and a flat apt repository that is signed with it. */
export const signedAptRepository = (packages: readonly Deb[]): Promise<SignedRepository> =>
  signedRepositoryOf(`${indexed(packages)}${signScript}`);

const indexed = (packages: readonly Deb[]): string => `${packages.map(debScript).join("")}${indexScript}`;

const debScript = (deb: Deb): string => `
  ${putFiles(deb)}
  mkdir root/DEBIAN
  printf %s ${quote(`Package: ${deb.name}
Version: ${deb.version}
Architecture: all
Maintainer: T <t@example.org>
${deb.control === undefined ? "" : `${deb.control}\n`}Description: a stand-in, for tests
`)} >root/DEBIAN/control
  ${deb.conffile === undefined ? "" : `echo ${quote(confPath(deb.name))} >root/DEBIAN/conffiles`}
  ${deb.postinst === undefined ? "" : maintainerScript("postinst", deb.postinst)}
  ${deb.prerm === undefined ? "" : maintainerScript("prerm", deb.prerm)}
  dpkg-deb --root-owner-group -Znone -b root ${quote(`repository/${deb.name}_${deb.version}.deb`)} >/dev/null
`;

const maintainerScript = (name: string, text: string): string =>
  `printf %s ${quote(`#!/bin/sh\n${text}\n`)} >root/DEBIAN/${name}; chmod 0755 root/DEBIAN/${name}`;

const indexScript = `
  cd repository
  for deb in *.deb; do
    dpkg-deb -f "$deb"
    printf 'Filename: ./%s\\nSize: %s\\nSHA256: ' "$deb" "$(stat -c %s "$deb")"
    sha256sum "$deb" | cut -d' ' -f1
    echo
  done >Packages
  cd ..
`;

const signScript = `
  cd repository
  { printf 'Origin: stand-in\\nDate: %s\\nSHA256:\\n' "$(date -Ru)"
    printf ' %s %s Packages\\n' "$(sha256sum Packages | cut -d' ' -f1)" "$(stat -c %s Packages)"; } >Release
  gpg -q --batch --clearsign -o InRelease Release
  cd ..
`;
