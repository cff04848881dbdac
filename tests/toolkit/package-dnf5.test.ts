import { pkg } from "../../plan/kinds";
import type { SignedRepository } from "../support/packages";
import { signedRpmRepository } from "../support/rpm-repository";
import { dnfMachine, useRpmFolder, withDnf } from "./dnf-machine";
import { holdLock } from "./lock-holder";
import type { Sandbox } from "./sandbox";

/*
 * What dnf 5 says and does otherwise, from its sources (libdnf5-cli/output/transaction_table.cpp, include/libdnf5/conf);
 * there is none for the machine that these tests run on. All else is dnf 4.
 */
withDnf("package, with what dnf 5 does otherwise", () => {
  let repository: SignedRepository;
  let sandbox: Sandbox;
  beforeAll(async () => {
    repository = await signedRpmRepository(
      ["1.0-1", "2.0-1"].map((version) => ({ name: "nptest-app", version })),
    );
  });
  const dnf5 = String.raw`#!/bin/sh
case " $* " in
  *' --assumeno '*)
    exec 2>&1
    [ ! -e /run/refresh ] || case $* in *--refresh*) ;; *) printf 'Failed to resolve the transaction:\nNo match for argument: x\n'; exit 1 ;; esac
    cat /run/dnf5
    exit 1
    ;;
esac
exec /usr/bin/dnf "$@"
`;
  const table = (replaced: string) => `Updating and loading repositories:
Repositories loaded.
Package        Arch   Version Repository Size
Upgrading:
 nptest-app    noarch 0:2.0-1 stand-ins  1.0 KiB
   replacing ${replaced} noarch 0:1.0-1 stand-ins 1.0 KiB

Transaction Summary:
 Upgrading: 1 package
 Replacing: 1 package

Operation aborted by the user.
`;
  const newer = pkg("nptest-app", { version: "2.0-1", hold: true });
  beforeEach(async () => {
    sandbox = await dnfMachine(repository);
    await sandbox.sh("cat >/etc/pki/rpm-gpg/stand-ins.asc", repository.key);
    await sandbox.sh(`${useRpmFolder}; dnf -y -q install nptest-app-1.0-1 >/dev/null 2>&1`);
    await sandbox.sh("cat >/usr/local/sbin/dnf; chmod 0755 /usr/local/sbin/dnf", dnf5);
  });

  afterEach(() => sandbox.close());
  const apply = () => sandbox.apply("dash", [newer]);

  it("a version in the place of another removes nothing, and is looked for in lists that are new", async () => {
    await sandbox.sh("cat >/run/dnf5; touch /run/refresh", table("nptest-app"));
    expect(await apply()).toMatchObject({ code: 0 });
    expect(await sandbox.sh("rpm -q --qf '%{VERSION}' nptest-app")).toBe("2.0");
  });

  it("a package in the place of another does", async () => {
    await sandbox.sh("cat >/run/dnf5", table("nptest-old"));
    expect((await apply()).stderr).toContain("would remove nptest-old");
  });

  it("its lock is waited for, and whoever holds it is named", async () => {
    await sandbox.sh("cat >/run/dnf5", table("nptest-app"));
    await sandbox.sh("mkdir -p /run/dnf");
    const { release } = await holdLock(sandbox, "/run/dnf/rpmtransaction.lock", 4);
    expect((await apply()).stderr).toMatch(
      /waiting for process \d+ \(perl .*\), which holds \/run\/dnf\/rpmtransaction\.lock/,
    );
    await release();
  });
});
