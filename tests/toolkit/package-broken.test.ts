import { file, pkg } from "../../plan/kinds";
import { AptRepository, withApt } from "./apt-repository";
import type { Sandbox } from "./sandbox";
import { debs } from "./test-packages";

/* A package manager that somebody left in the middle of something, which it cannot complete (dpkg --audit names it). */
const app = pkg("nptest-app", { hold: true });

withApt("beside a broken package", () => {
  let repository: AptRepository;
  let sandbox: Sandbox;
  beforeAll(async () => {
    repository = await AptRepository.build(debs);
  });
  beforeEach(async () => {
    sandbox = await repository.machine();
  });
  afterEach(() => sandbox.close());

  const apply = () => sandbox.apply("dash", [app]);
  const unpack = (name: string) =>
    sandbox.sh(`dpkg --unpack --force-depends /srv/nodeprep-repository/${name}_1.deb >/dev/null`);
  const packages = () => sandbox.sh("dpkg-query -W -f '${Package} ${Status}\\n' 'nptest-*' 2>/dev/null || :");
  const completes = async (): Promise<string> => {
    const { code, stderr } = await apply();
    expect({ code, stderr: code === 0 ? "" : stderr }).toEqual({ code: 0, stderr: "" });
    expect(await packages()).toContain("nptest-app hold ok installed");
    return stderr;
  };
  const fails = async (): Promise<string> => {
    const { code, stderr } = await apply();
    expect(code).toBe(1);
    return stderr;
  };
  const undone = async () => expect((await sandbox.undo("dash")).code).toBe(0);

  it("that is somebody else's and cannot be configured it goes on, and names it", async () => {
    await unpack("nptest-broken");
    await sandbox.sh("! dpkg --configure -a >/dev/null 2>&1; dpkg --audit | grep -q nptest-broken");
    const before = await packages();
    expect(before).toBe("nptest-broken install ok half-configured\n");
    const said = await completes();
    expect(said).toContain("warning: dpkg cannot complete these packages: nptest-broken (half-configured)");
    expect(said).toContain(
      "warning: these packages are still broken: nptest-broken (half-configured); repair or remove",
    );
    await undone();
    expect(await packages()).toBe(before);
  });

  it("whose dependency is nowhere it fails, names it and the remedy, and goes on after that", async () => {
    await unpack("nptest-needy");
    const before = await packages();
    expect(await fails()).toMatch(
      /cannot install nptest-app; these packages are broken: nptest-needy \(unpacked\); repair or remove them \(dpkg --configure -a/,
    );
    expect(await packages()).toBe(before);
    await sandbox.sh("dpkg --purge nptest-needy >/dev/null");
    await completes();
    await undone();
    expect(await packages()).toBe("");
  });

  it("that is half-installed and can be fetched no more, the same", async () => {
    await unpack("nptest-late");
    await sandbox.sh(`
      rm /srv/nodeprep-repository/nptest-late_1.deb
      sed -i '/^Package: nptest-late$/,/^$/d' /srv/nodeprep-repository/Packages
      sed -i '/^Package: nptest-late$/,/^$/s/^Status: .*/Status: install reinstreq half-installed/' /var/lib/dpkg/status
      dpkg --audit | grep -q nptest-late`);
    expect(await fails()).toContain(
      "cannot install nptest-app; these packages are broken: nptest-late (half-installed); repair or remove",
    );
    await sandbox.sh("dpkg --purge --force-remove-reinstreq nptest-late >/dev/null 2>&1");
    await completes();
    await undone();
  });

  it("repository of somebody else, which cannot be fetched, what the others have is installed", async () => {
    await sandbox.sh(
      "echo 'deb [trusted=yes] file:///srv/nowhere ./' >/etc/apt/sources.list.d/a-nowhere.list",
    );
    await sandbox.sh(
      "! apt-get update >/dev/null 2>&1; rm -rf /var/lib/apt/lists; mkdir -p /var/lib/apt/lists/partial",
    );
    expect(await completes()).toContain(
      "warning: apt-get update failed, see /var/lib/nodeprep/package.log; going on",
    );
    expect(await sandbox.sh("cat /var/lib/nodeprep/package.log")).toContain("/srv/nowhere");
    await undone();
  });

  it("that was asked for it fails, and names it", async () => {
    const { code, stderr } = await sandbox.apply("dash", [pkg("nptest-broken")]);
    expect(code).toBe(1);
    expect(stderr).toContain(
      "cannot install nptest-broken; these packages are broken: nptest-broken (half-configured); repair or remove",
    );
    await undone();
    expect(await packages()).toBe("");
  });
});

withApt("beside somebody who works there too", () => {
  let sandbox: Sandbox;
  beforeEach(async () => {
    sandbox = await (await AptRepository.build(debs)).machine();
  });
  afterEach(() => sandbox.close());

  it("undo leaves one that was there, although it was installed again meanwhile", async () => {
    const both = [app, pkg("nptest-tool")];
    const packages = () =>
      sandbox.sh("dpkg-query -W -f '${Package} ${Status}\\n' 'nptest-*' | grep installed");
    await sandbox.sh("apt-get -qq update && apt-get -qqy install nptest-app >/dev/null 2>&1");
    const before = await packages();
    expect((await sandbox.apply("dash", both)).code).toBe(0);
    await sandbox.sh("apt-mark -q unhold nptest-app; dpkg --force-depends --remove nptest-app nptest-tool");
    expect((await sandbox.apply("dash", both)).code).toBe(0);
    expect((await sandbox.undo("dash")).code).toBe(0);
    expect(await packages()).toBe(before);
  });

  it("accounts that came after a run was cut off are nobody's but theirs", async () => {
    const accounts = () => sandbox.sh("cat /etc/passwd /etc/group");
    const apply = () => sandbox.apply("dash", [app]);
    expect((await apply()).code).toBe(0);
    // As it is left where the power fails right after the packages came.
    await sandbox.sh(
      "cd /var/lib/nodeprep; sed 's/^\\([^:]*\\):.*/user \\1/' /etc/passwd >package.before; sed 's/^\\([^:]*\\):.*/group \\1/' /etc/group >>package.before; echo end >>package.before",
    );
    await sandbox.sh("useradd nptest-person");
    expect((await apply()).code).toBe(0);
    await sandbox.sh("useradd -r nptest-daemon");
    const before = await accounts();
    expect((await sandbox.undo("dash")).code).toBe(0);
    expect(await accounts()).toBe(before);
  });

  it("a list of accounts that lost its lines makes nobody new", async () => {
    expect((await sandbox.apply("dash", [app])).code).toBe(0);
    const before = await sandbox.sh("cat /etc/passwd /etc/group; : >/var/lib/nodeprep/package.before");
    expect((await sandbox.undo("dash")).code).toBe(0);
    expect(await sandbox.sh("cat /etc/passwd /etc/group")).toBe(before);
  });

  it.each([
    ["was cut short", "head -n 3 | sed '1s/.*/user root/'"],
    ["was cut short in its last line", "head -c -2"],
  ])("a list of accounts that %s makes nobody new", async (_, damage) => {
    const accounts = () => sandbox.sh("cat /etc/passwd /etc/group");
    expect((await sandbox.apply("dash", [app])).code).toBe(0);
    await sandbox.sh("useradd -r nptest-theirs; mkdir /etc/nptest-theirs");
    const before = await accounts();
    await sandbox.sh(
      `{ awk -F: '{ print "user " $1 }' /etc/passwd | grep -v nptest; echo end; } | ${damage} >/var/lib/nodeprep/package.before`,
    );
    expect((await sandbox.apply("dash", [app])).code).toBe(0);
    expect((await sandbox.undo("dash")).code).toBe(0);
    expect(await accounts()).toBe(before);
    await sandbox.sh("rmdir /etc/nptest-theirs");
  });

  it("a capture that was cut off holds no package that the undo of everything must take away", async () => {
    await sandbox.sh("echo theirs >/etc/nptest-file");
    expect((await sandbox.apply("dash", [app])).code).toBe(0);
    const more = [app, file("/etc/nptest-file", "ours\n"), pkg("nptest-lib")];
    await sandbox.applyCutOff("dash", more, "cp", 1);
    const words = ["undo", "--all", "--as", "org/project/stack/node"];
    expect((await sandbox.toolkit("dash", words)).code).toBe(0);
    expect(await sandbox.sh("dpkg-query -W 'nptest-*' 2>/dev/null || :")).toBe("");
    expect(await sandbox.sh("cat /etc/nptest-file")).toBe("theirs\n");
  });

  it("accounts and folders that cannot all be listed are nobody's traces, and that is said", async () => {
    const litter = pkg("nptest-litter");
    const accounts = () => sandbox.sh("cat /etc/passwd /etc/group");
    await sandbox.sh(
      `printf '#!/bin/sh\\n[ "$1" != /etc ] || { echo /etc; exit 1; }\\nexec /usr/bin/find "$@"\\n' >/usr/local/sbin/find; chmod 0755 /usr/local/sbin/find`,
    );
    const { code, stderr } = await sandbox.apply("dash", [litter]);
    expect(code).toBe(0);
    expect(stderr).toContain("warning: the accounts and folders that are here cannot be listed");
    await sandbox.sh("rm /usr/local/sbin/find");
    const before = await accounts();
    expect((await sandbox.undo("dash")).code).toBe(0);
    expect(await accounts()).toBe(before);
  });
});
