import { confPath, putFiles, signedRepositoryOf, type Package, type SignedRepository } from "./packages";

/** A package of a local rpm repository, its version `version-release`. */
export interface Rpm extends Package {
  /** Further lines of its spec, e.g. `Requires: other`. */
  readonly spec?: string;
}

/** Makes a key for this repository alone, and an rpm repository whose packages are signed with it. */
export const signedRpmRepository = (packages: readonly Rpm[]): Promise<SignedRepository> =>
  signedRepositoryOf(`${packages.map(rpmScript).join("")}${indexScript}`);

/** Makes an rpm, unsigned yet, in the folder `repository` of the working folder. */
export const rpmScript = (rpm: Rpm): string => `
  ${putFiles(rpm)}
  cat >package.spec <<'END'
${specText(rpm)}END
  rpmbuild --quiet -bb --define "root $PWD/root" --define "_topdir $PWD/build" --define "_rpmdir $PWD/repository" package.spec >/dev/null 2>build.log ||
    { cat build.log >&2; exit 1; }
`;

const specText = ({ name, version, spec, conffile, postinst, files = {} }: Rpm): string => `Name: ${name}
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
%files
${Object.keys(files).join("\n")}
${conffile === undefined ? "" : `%config(noreplace) ${confPath(name)}`}
${postinst === undefined ? "" : `%post\n${postinst}\n`}`;

/** Signs the rpms there, and makes a repository of them. */
export const indexScript = `
  rpmsign --define '__gpg /usr/bin/gpg' --define '_gpg_name stand-in' --define "_gpg_path $GNUPGHOME" --addsign repository/*/*.rpm >/dev/null
  createrepo_c -q repository
`;
