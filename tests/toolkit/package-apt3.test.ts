import { pkg } from "../../plan/kinds";
import { repository } from "../../plan/repository";
import { signedAptRepository } from "../support/apt-repository";
import type { SignedRepository } from "../support/packages";
import { facts } from "../unit/components/fixtures";
import { AptRepository, noAptSources, withApt } from "./apt-repository";
import { Sandbox } from "./sandbox";
import { debs } from "./test-packages";

/*
 * What apt 3 says otherwise, from its sources (apt-pkg/acquire-item.cc, methods/sqv.cc, apt-pkg/solver3.cc) and its own
 * tests (test-apt-update-rollback, test-apt-get-install-deb); there is none for the machine that these tests run on. All
 * else is the apt that is here.
 */
const apt3 = String.raw`#!/bin/sh
said=$(/usr/bin/apt-get "$@" 2>&1)
code=$?
printf '%s\n' "$said" | sed -E "
  s/GPG error:/OpenPGP signature verification failed:/
  s|The following signatures couldn't be verified because the public key is not available: NO_PUBKEY ([0-9A-F]+)|Sub-process /usr/bin/sqv returned an error code (1), error message is: Missing key \1, which is needed to verify signature.|
  /^(Some packages could|requested an imp|distribution that|or been moved|The following information|The following packages have unmet)/d
  s/^ (nptest-[a-z]+) : Depends: (nptest-[a-z]+) .*/E: Unable to satisfy dependencies. Reached two conflicting decisions:\n   1. \1:amd64 is selected for install\n   2. \1:amd64 Depends \2\n      but none of the choices are installable:\n      [no choices]/
  /^E: Unable to correct problems/d"
exit "$code"
`;

let sandbox: Sandbox;
const become3 = () => sandbox.sh("cat >/usr/local/sbin/apt-get; chmod 0755 /usr/local/sbin/apt-get", apt3);
const log = () => sandbox.sh("cat /var/lib/nodeprep/package.log");
afterEach(() => sandbox.close());

withApt("package, with what apt 3 says otherwise", () => {
  it("lists in which a dependency is missing yet are fetched again", async () => {
    sandbox = await (await AptRepository.build(debs)).machine();
    await sandbox.sh(`cd /srv/nodeprep-repository; cp Packages /run/Packages
      sed -i '/^Package: nptest-lib$/,/^$/d' Packages; apt-get update -q >/dev/null; cp /run/Packages Packages`);
    await become3();
    await sandbox.sh(
      "! apt-get -y install nptest-app >/run/said && grep -q 'Reached two conflicting' /run/said && ! grep -q unmet /run/said",
    );
    const { code, stderr } = await sandbox.apply("dash", [pkg("nptest-app")]);
    expect([code, stderr]).toEqual([0, expect.stringContaining("fetching the package lists")]);
  });
});

withApt("a repository whose key is another one since its lists were fetched, with apt 3", () => {
  const folder = "/srv/nodeprep-signed";
  const build = (version: string): Promise<SignedRepository> =>
    signedAptRepository([{ name: "nptest-runtime", version }]);

  it("is named as that", async () => {
    const [first, second] = await Promise.all([build("1.0"), build("2.0")]);
    sandbox = await Sandbox.open();
    const serve = (archive: string) =>
      sandbox.sh(
        `rm -rf ${folder}; mkdir -p ${folder}; base64 -d | tar -C ${folder} -xz; chmod -R a+rX ${folder}`,
        archive,
      );
    await sandbox.sh(noAptSources);
    await serve(first.archive);
    const wanted = (version: string) => [
      ...repository("runtime", { url: `file:${folder}`, suite: "./", key: first.key }, facts),
      pkg("nptest-runtime", { version }),
    ];
    expect(await sandbox.apply("dash", wanted("1.0"))).toMatchObject({ code: 0 });
    await serve(second.archive);
    await become3();
    const { code, stderr } = await sandbox.apply("dash", wanted("2.0"));
    expect(await log()).toMatch(/OpenPGP signature verification failed: .* Missing key/);
    expect(await log()).not.toMatch(/NO_PUBKEY|is not signed/);
    expect([code, stderr]).toEqual([1, expect.stringContaining("the signature of the repository")]);
  });
});
