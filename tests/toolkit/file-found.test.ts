import { createHash } from "node:crypto";
import { block } from "../../plan/block";
import { file, fstabWithoutSwap } from "../../plan/kinds";
import type { Requirement } from "../../plan/requirement";
import { Sandbox, shells } from "./sandbox";

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
const path = "/etc/nodeprep-test/app.conf";

/** What counts as found, where runs were cut off, or where somebody changed the file before we ever wrote it. */
describe.each(shells)("what was found of a file, under %s", (shell) => {
  let sandbox: Sandbox;
  beforeEach(async () => {
    sandbox = await Sandbox.open();
  });
  afterEach(() => sandbox.close());

  const wanted = file(path, "one = 1\ntwo = 2\n");
  const applied = async (requirement: Requirement) => {
    const result = await sandbox.apply(shell, [requirement]);
    expect({ code: result.code, errors: result.stderr.match(/error.*/g) }).toEqual({ code: 0, errors: null });
  };
  const put = (text: string) => sandbox.sh(`mkdir -p /etc/nodeprep-test && cat >${path}`, text);
  const state = () => sandbox.sh(`stat -c '%F %a %U:%G %Y' ${path}; cat ${path}`);

  it("gives back what was found after a run that was cut off in its write, and another content", async () => {
    await put("found\n");
    const before = await state();
    // The file is in its place; what says that it is ours is not.
    await sandbox.applyCutOff(shell, [file(path, "cut off\n")], "mv", "*/ours");
    expect(await state()).toContain("cut off");
    await applied(wanted);
    expect((await sandbox.undo(shell)).code).toBe(0);
    expect(await state()).toBe(before);
  });

  it("takes away what such a run has written where there was nothing", async () => {
    await sandbox.applyCutOff(shell, [file(path, "cut off\n")], "mv", "*/ours");
    await applied(wanted);
    expect((await sandbox.undo(shell)).code).toBe(0);
    expect(await sandbox.sh("ls -d /etc/nodeprep-test 2>&1 || :")).toContain("No such file");
  });

  it("gives back what was found to be right already, where somebody broke it since", async () => {
    await put("one = 1\ntwo = 2\n");
    const before = await state();
    await applied(wanted);
    await put("broken\n");
    const result = await sandbox.apply(shell, [wanted]);
    expect(result.stderr).not.toContain("keeping it");
    expect((await sandbox.undo(shell)).code).toBe(0);
    expect(await state()).toBe(before);
  });

  it("gives back what the owner has made of it between a run that failed and the next", async () => {
    await put("found\n");
    await sandbox.applyCutOff(shell, [wanted], "sync", 2);
    await put("theirs\n");
    const order = await sandbox.sh("stat -c %y /var/lib/nodeprep/req/*app.conf/found");
    const before = await state();
    const result = await sandbox.apply(shell, [wanted]);
    expect(result).toMatchObject({
      code: 0,
      stderr: expect.stringContaining("was changed since it was recorded") as unknown,
    });
    expect(await sandbox.sh("stat -c %y /var/lib/nodeprep/req/*app.conf/found")).toBe(order);
    expect((await sandbox.undo(shell)).code).toBe(0);
    expect(await state()).toBe(before);
  });

  it("is a link with its time, and what it leads to keeps its mode with a cp that changes that", async () => {
    // That of uutils until 0.10.
    await sandbox.sh(
      "cat >/usr/local/sbin/cp; chmod 0755 /usr/local/sbin/cp",
      '#!/bin/sh\n/usr/bin/cp "$@" || exit\nfor to do :; done\n[ ! -L "$to" ] || chmod 0755 "$to"\n',
    );
    await sandbox.sh(
      `mkdir -p /etc/nodeprep-test; echo theirs >/etc/theirs; chmod 0640 /etc/theirs; ln -s /etc/theirs ${path}; chown -h 1:2 ${path}; touch -h -d @1700000000 ${path}`,
    );
    const look = () =>
      sandbox.sh(`stat -c '%N %a %u:%g %Y' ${path}; stat -c '%a %u:%g' /etc/theirs; cat /etc/theirs`);
    const before = await look();
    await applied(wanted);
    expect(await sandbox.sh("stat -c %a /etc/theirs")).toBe("640\n");
    expect((await sandbox.undo(shell)).code).toBe(0);
    expect(await look()).toBe(before);
  });

  it("is theirs too where ours is merged into it, as they made it since", async () => {
    const merged = (content: string, basedOn: string) => file(path, content, { basedOn: sha256(basedOn) });
    await put("theirs\nours\n");
    await applied(merged("theirs\nours\n", "theirs\nours\n"));
    await put("theirs anew\n");
    await applied(merged("theirs anew\nours\n", "theirs anew\n"));
    expect((await sandbox.undo(shell)).code).toBe(0);
    expect(await state()).toMatch(/\ntheirs anew\n$/);
  });

  it("is not our own edit of a run that was cut off", async () => {
    await put("theirs\n");
    const before = await state();
    await sandbox.applyCutOff(shell, [block(path, ["cut off"])], "mv", "*/ours");
    expect(await state()).toContain("cut off");
    await applied(block(path, ["ours"]));
    expect((await sandbox.undo(shell)).code).toBe(0);
    expect(await state()).toBe(before);
  });

  it("is not looked at anew by an undo whose record lost what we made of it", async () => {
    await sandbox.sh("cat >/etc/fstab", "/dev/vdb none swap sw 0 0\n");
    await applied(fstabWithoutSwap());
    await sandbox.sh("echo '/dev/vdz /data xfs' >>/etc/fstab; rm /var/lib/nodeprep/req/fstab*/ours");
    const result = await sandbox.undo(shell);
    expect(result).toMatchObject({ code: 0, stderr: expect.not.stringContaining("keeping it") as unknown });
    expect(await sandbox.sh("cat /etc/fstab; ls -A /var/lib/nodeprep/req")).toBe(
      "/dev/vdb none swap sw 0 0\n/dev/vdz /data xfs\n",
    );
  });
});
