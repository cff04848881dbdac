import { pkg } from "../../plan/kinds";
import { AptRepository, withApt } from "./apt-repository";
import type { Sandbox } from "./sandbox";
import { debs } from "./test-packages";

withApt("a package that does not want to go", () => {
  let sandbox: Sandbox;
  beforeEach(async () => {
    sandbox = await (await AptRepository.build(debs)).machine();
  });
  afterEach(() => sandbox.close());

  it("goes where it asks for what Debian's sudo asks for", async () => {
    expect((await sandbox.apply("dash", [pkg("nptest-reluctant")])).code).toBe(0);
    expect((await sandbox.undo("dash")).code).toBe(0);
    expect(await sandbox.sh("dpkg-query -W 'nptest-*' 2>/dev/null || :")).toBe("");
  });

  it("is an error that says why, and is gone with the next undo once it may go", async () => {
    expect((await sandbox.apply("dash", [pkg("nptest-stubborn")])).code).toBe(0);
    const { code, stderr } = await sandbox.undo("dash");
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /it does not go[^]*error: cannot remove nptest-stubborn; why is above, and all of it in /,
    );
    await sandbox.sh("rm /var/lib/dpkg/info/nptest-stubborn.prerm");
    expect((await sandbox.undo("dash")).code).toBe(0);
    expect(await sandbox.sh("dpkg-query -W 'nptest-*' 2>/dev/null || :")).toBe("");
  });
});

withApt("a package that starts a daemon when it is configured", () => {
  let sandbox: Sandbox;
  beforeEach(async () => {
    sandbox = await (await AptRepository.build(debs)).machine();
  });
  afterEach(async () => {
    await sandbox.sh("kill $(cat /run/nptest-daemon.pid)");
    await sandbox.close();
  });

  it("leaves it no lock of ours", async () => {
    await sandbox.sh("dpkg --unpack /srv/nodeprep-repository/nptest-daemon_1.deb >/dev/null");
    expect((await sandbox.apply("dash", [pkg("nptest-daemon"), pkg("nptest-lib")])).code).toBe(0);
    await sandbox.sh("flock -n /run/nodeprep.lock true");
  });
});
