import { existsSync } from "node:fs";
import type { SignedRepository } from "../support/packages";
import { Sandbox } from "./sandbox";

/** Where the repository is there, and what dnf's configuration says. */
export const rpmFolder = "/srv/nodeprep-rpms";
const conf = "[main]\ngpgcheck=1\n# mine\nbest=True\n";

/** Has dnf use that repository, with the key that is in place for it. */
export const useRpmFolder = `printf '[stand-ins]\\nname=stand-ins\\nbaseurl=file://${rpmFolder}\\ngpgcheck=1\\ngpgkey=file:///etc/pki/rpm-gpg/stand-ins.asc\\n' >/etc/yum.repos.d/stand-ins.repo`;

/** A machine of dnf that has Debian's: no dpkg database that anybody would use, no package, no repository. */
export const emptyDnf = `rm -rf /var/lib/dpkg/status /var/lib/rpm "$(rpm --eval %_dbpath)" /etc/yum.repos.d /var/cache/dnf /var/lib/dnf
  mkdir -p /etc/yum.repos.d /var/lib/rpm; rpm --initdb`;

/** Tests that need dnf and rpm themselves. */
export const withDnf = existsSync("/usr/bin/dnf") ? describe : describe.skip;

/** A machine of dnf, with a repository in a folder. */
export async function dnfMachine(repository: SignedRepository): Promise<Sandbox> {
  const sandbox = await Sandbox.open();
  await sandbox.sh(
    `${emptyDnf}
     mkdir -p ${rpmFolder} /etc/pki/rpm-gpg
     base64 -d | tar -C ${rpmFolder} -xz`,
    repository.archive,
  );
  await sandbox.sh("cat >/etc/dnf/dnf.conf", conf);
  return sandbox;
}
