import { existsSync } from "node:fs";
import { pkg } from "../../plan/kinds";
import { AptRepository } from "./apt-repository";
import { Sandbox } from "./sandbox";
import { debs } from "./test-packages";

/* A package manager that somebody left in the middle of something, which it cannot complete (dpkg --audit names it). */
const withApt = existsSync("/usr/bin/apt-get") ? describe : describe.skip;
const app = pkg("nptest-app", { hold: true });

withApt("beside a broken package", () => {
  let repository: AptRepository;
  let sandbox: Sandbox;
  beforeAll(async () => {
    repository = await AptRepository.build(debs);
  });
  beforeEach(async () => {
    sandbox = await Sandbox.open();
    await repository.serve(sandbox);
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
    sandbox = await Sandbox.open();
    await (await AptRepository.build(debs)).serve(sandbox);
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
      "cd /var/lib/nodeprep; sed 's/^\\([^:]*\\):.*/user \\1/' /etc/passwd >package.before; sed 's/^\\([^:]*\\):.*/group \\1/' /etc/group >>package.before",
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
});
