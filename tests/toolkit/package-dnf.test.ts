import { file, pkg } from "../../plan/kinds";
import type { Requirement } from "../../plan/requirement";
import type { SignedRepository } from "../support/packages";
import { signedRpmRepository, type Rpm } from "../support/rpm-repository";
import { dnfMachine, rpmFolder as folder, useRpmFolder, withDnf } from "./dnf-machine";
import { type Sandbox, shells, type Shell } from "./sandbox";

/* dnf and rpm themselves, on a local signed repository: nptest-app needs nptest-lib, nptest-rival replaces nptest-old. */
const rpms: readonly Rpm[] = [
  { name: "nptest-lib", version: "1-1" },
  { name: "nptest-app", version: "1.0-1", spec: "Requires: nptest-lib", conffile: "one = 1" },
  { name: "nptest-app", version: "2.0-1", spec: "Requires: nptest-lib", conffile: "two = 2" },
  { name: "nptest-tool", version: "1-1", spec: "Requires: nptest-lib" },
  { name: "nptest-old", version: "1-1" },
  { name: "nptest-rival", version: "1-1", spec: "Obsoletes: nptest-old" },
];

let repository: SignedRepository;
let other: SignedRepository;
beforeAll(async () => {
  if (withDnf === describe.skip) return;
  [repository, other] = await Promise.all([signedRpmRepository(rpms), signedRpmRepository([rpms[0]!])]);
});

let sandbox: Sandbox;
let shell: Shell = "dash";

beforeEach(async () => {
  sandbox = await dnfMachine(repository);
  await sandbox.sh("cat >/etc/pki/rpm-gpg/stand-ins.asc", repository.key);
  await sandbox.sh(useRpmFolder);
});
afterEach(() => sandbox.close());

const phrases = async (...requirements: Requirement[]) =>
  (await sandbox.observe(shell, requirements)).map(({ state, phrase }) => `${state} ${phrase}`);
const applied = async (...requirements: Requirement[]) => {
  const result = await sandbox.apply(shell, requirements);
  expect({ code: result.code, stderr: result.stderr }).toEqual({
    code: 0,
    stderr: expect.not.stringContaining("error:") as string,
  });
  expect(await phrases(...requirements)).toEqual([]);
  return result.stderr;
};
const undone = async () => {
  const result = await sandbox.undo(shell);
  expect([result.code, result.stderr.match(/error:.*/g)]).toEqual([0, null]);
  return result.stderr;
};
/** What rpm and dnf know of our packages, dnf's own configuration, and what is there of our files. */
const state = () =>
  sandbox.sh(
    `rpm -qa --qf '%{NAME} %{EVR}\n' | sort; cat /etc/dnf/dnf.conf; stat -c %a /etc/dnf/dnf.conf
     ls -d /etc/nptest-* 2>/dev/null || :`,
  );
const dnf = (words: string) => sandbox.sh(`dnf -y -q ${words} >/dev/null 2>&1`);

const app = pkg("nptest-app", { hold: true });

withDnf.each(shells)("package, with dnf, under %s", (each) => {
  beforeEach(() => {
    shell = each;
  });

  it("says what it cannot write, and leaves nothing beside dnf's configuration", async () => {
    const log = "/var/lib/nodeprep/package.log";
    await sandbox.sh(`mkdir -p ${log}`);
    expect((await sandbox.apply(shell, [app])).stderr).toContain(`error: cannot write ${log}: is its file`);
    const chown = "/usr/local/sbin/chown";
    await sandbox.sh(`rmdir ${log}; printf '#!/bin/sh\\nexit 1\\n' >${chown}; chmod 0755 ${chown}`);
    const { code, stderr } = await sandbox.apply(shell, [app]);
    expect([code, stderr]).toEqual([1, expect.stringContaining("package nptest-app cannot be held")]);
    expect(await sandbox.sh("ls -A /etc/dnf | grep nodeprep || :")).toBe("");
  });

  it("installs, holds, and takes everything away again", async () => {
    const before = await state();
    expect(await phrases(app)).toEqual(["differs is not installed, must be"]);
    expect(await applied(app)).toMatch(/installing nptest-app .*new: nptest-(app|lib) nptest-(app|lib)/);
    expect(await state()).toContain("nptest-app 2.0-1\nnptest-lib 1-1\n[main]\nexcludepkgs=nptest-app\n");
    await sandbox.sh("! dnf -q -y remove nptest-app 2>/dev/null; dnf -q -y upgrade >/dev/null 2>&1 || :");
    await undone();
    expect(await state()).toBe(before);
  });

  it("takes no account, folder or key of somebody else for a package's", async () => {
    const theirs = () =>
      sandbox.sh(
        "grep -h nptest-theirs /etc/passwd /etc/group; ls -d /etc/nptest-theirs; ls /var/lib/nodeprep",
      );
    await applied(app);
    await sandbox.sh("useradd -r nptest-theirs; mkdir /etc/nptest-theirs");
    const before = await theirs();
    expect(before).not.toContain("package.before");
    await applied(app, pkg("nptest-lib"));
    await undone();
    expect(await theirs()).toContain(before.split("\n").slice(0, 3).join("\n"));
  });

  it("sees and repairs one that was unheld and removed", async () => {
    await applied(app);
    await sandbox.sh("sed -i /excludepkgs/d /etc/dnf/dnf.conf");
    expect(await phrases(app)).toEqual(["differs is not held, must be"]);
    await sandbox.sh("rpm -e nptest-app");
    expect(await phrases(app)).toEqual(["differs is not installed, must be"]);
    await applied(app);
    await undone();
    expect(await state()).not.toContain("nptest");
  });

  it("brings an older version over a hold, and the one that was found back", async () => {
    await dnf("install nptest-app");
    await sandbox.sh("sed -i 's/^best=True/excludepkgs=nptest-app,theirs*/' /etc/dnf/dnf.conf");
    const before = await state();
    const pinned = pkg("nptest-app", { version: "1.0-1", hold: true });
    expect(await phrases(pinned)).toEqual(["differs is installed in version 2.0-1, must be 1.0-1"]);
    await applied(pinned);
    await undone();
    expect(await state()).toBe(before);
  });
});

withDnf("package, with dnf, on machines that were not bare", () => {
  beforeEach(() => {
    shell = "dash";
  });

  it("keeps what a package of somebody else needs, and says so", async () => {
    await applied(app);
    await dnf("install nptest-tool");
    expect(await undone()).toContain("these packages stay, nptest-tool needs them: nptest-lib");
    expect(await state()).toContain("nptest-lib 1-1\nnptest-tool 1-1\n");
  });

  it("installs from the other repositories where one that may be skipped is not there", async () => {
    await sandbox.sh(
      `printf '[gone]\nname=gone\nbaseurl=file:///srv/nowhere\ngpgcheck=0\nskip_if_unavailable=1\n' >/etc/yum.repos.d/gone.repo`,
    );
    await applied(app);
    await undone();
    expect(await state()).not.toContain("nptest");
  });

  it("never removes a package to make room", async () => {
    await sandbox.sh(`rpm -i --nosignature ${folder}/noarch/nptest-old-*.rpm`);
    const before = await state();
    const result = await sandbox.apply(shell, [pkg("nptest-rival")]);
    expect(result.code).toBe(1);
    expect(result.stderr).toContain("would remove nptest-old");
    await undone();
    expect(await state()).toBe(before);
  });

  it("says so of a package that somebody excludes", async () => {
    await sandbox.sh("sed -i 's/^best=True/excludepkgs = nptest-a*/' /etc/dnf/dnf.conf");
    const result = await sandbox.apply(shell, [app]);
    expect(result.code).toBe(1);
    expect(result.stderr).toMatch(/error: cannot install nptest-app: it is excluded there, by exclude or /);
  });

  it("keeps the user's own exclusions", async () => {
    await sandbox.sh("sed -i 's/^best=True/excludepkgs = theirs other*/' /etc/dnf/dnf.conf");
    await applied(app);
    expect(await state()).toContain("excludepkgs = theirs other* nptest-app\n");
    await undone();
    expect(await state()).toContain("excludepkgs = theirs other*\n");
  });

  it("holds in [main] alone, and gives the file back as it was, or takes it away", async () => {
    const conf = (text: string) => sandbox.sh("cat >/etc/dnf/dnf.conf", text);
    const found = `[main]\ngpgcheck=1\nexclude=theirs,  more\n[other]\nname=x\nbaseurl=file://${folder}\nenabled=0\nexclude=others\n`;
    await conf(found);
    await applied(app);
    expect(await sandbox.sh("cat /etc/dnf/dnf.conf")).toBe(found.replace("more", "more nptest-app"));
    await undone();
    expect(await sandbox.sh("cat /etc/dnf/dnf.conf")).toBe(found);
    await sandbox.sh("rm /etc/dnf/dnf.conf");
    await applied(app);
    await undone();
    expect(await sandbox.sh("ls /etc/dnf/dnf.conf 2>&1 || :")).toContain("No such file");
  });

  it.each([
    ["a missing package", pkg("nptest-missing"), /nptest-missing/],
    ["a missing version", pkg("nptest-app", { version: "9-1" }), /nptest-app-9-1/],
  ])("names %s", async (_title, requirement, reason) => {
    const result = await sandbox.apply(shell, [requirement]);
    expect(result.code).toBe(1);
    expect(result.stderr).toMatch(reason);
    await undone();
    expect(await state()).not.toContain("nptest");
  });

  it("installs nothing that is signed with another key, or not at all", async () => {
    await sandbox.sh("cat >/etc/pki/rpm-gpg/stand-ins.asc", other.key);
    const wrong = await sandbox.apply(shell, [app]);
    expect([wrong.code, wrong.stderr]).toEqual([
      1,
      expect.stringContaining("the signature of the repository, or of a package"),
    ]);
    await sandbox.sh("cat >/etc/pki/rpm-gpg/stand-ins.asc", repository.key);
    await sandbox.sh(
      `rpmsign --delsign ${folder}/*/*.rpm >/dev/null 2>&1; createrepo_c -q ${folder}; rm -rf /var/cache/dnf`,
    );
    const unsigned = await sandbox.apply(shell, [app]);
    expect([unsigned.code, unsigned.stderr]).toEqual([
      1,
      expect.stringContaining("the signature of the repository, or of a package"),
    ]);
    expect(await state()).not.toContain("nptest");
  });

  it("waits for whoever holds dnf's lock, and names it", async () => {
    await sandbox.sh("mkdir -p /var/lib/dnf");
    const holder = sandbox.sh("sh -c 'echo $$ >/var/lib/dnf/rpmdb_lock.pid; exec sleep 4'");
    await sandbox.sh("until [ -s /var/lib/dnf/rpmdb_lock.pid ]; do sleep 0.1; done");
    expect(await applied(app, file("/etc/nptest-after", "x\n"))).toMatch(/waiting for process \d+ \(sleep 4/);
    await holder;
  });
});
