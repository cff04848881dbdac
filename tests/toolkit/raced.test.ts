import { existsSync } from "node:fs";
import { file, fstabWithoutSwap, pkg } from "../../plan/kinds";
import { encodeRequirements, type Requirement } from "../../plan/requirement";
import { AptRepository } from "./apt-repository";
import { holdLock } from "./lock-holder";
import { Sandbox, shells, type Result, type Shell } from "./sandbox";
import { debs } from "./test-packages";

/*
 * Runs that meet on one node, in real processes. What a run calls on its way (a visudo, a systemctl) is replaced by a
 * gate, at which the test holds the run for as long as it wants to.
 */
const owner = ["--as", "o/p/s/n"];
const gate = `#!/bin/sh
name=\${0##*/}
: >"/run/at-$name"
until [ -e "/run/open-$name" ]; do sleep 0.1; done
`;

// Fifteen minutes of polls take one or two, although none of them sleeps.
jest.setTimeout(300_000);

let sandbox: Sandbox;
let shell: Shell = "dash";
beforeEach(async () => {
  sandbox = await Sandbox.open();
});
afterEach(async () => {
  await sandbox.sh(": >/run/open-visudo; : >/run/open-systemctl; : >/run/release");
  await sandbox.close();
});

const addGate = (name: string) =>
  sandbox.sh(`cat >/usr/local/sbin/${name}; chmod +x /usr/local/sbin/${name}`, gate);
const open = (name: string) => sandbox.sh(`: >/run/open-${name}`);
const reached = (name: string) =>
  sandbox.sh(
    `i=0; until [ -e /run/at-${name} ] || [ $i -gt 300 ]; do i=$((i+1)); /bin/sleep 0.1; done; rm /run/at-${name}`,
  );
const apply = (stage: string, requirements: readonly Requirement[]) =>
  sandbox.toolkit(shell, ["apply", stage, ...owner], encodeRequirements(requirements));
const rule = (text: string) =>
  file("/etc/sudoers.d/nptest", `${text} ALL=(ALL) ALL\n`, { mode: "0440", check: "sudoers" });
const succeeds = async (run: Promise<Result>): Promise<string> => {
  const { code, stderr } = await run;
  if (code !== 0) throw new Error(`ended with ${String(code)}: ${stderr}`);
  return stderr;
};
/** Answers when the run has ended, or after half a second of its waiting. */
const endedEarly = (run: Promise<unknown>) =>
  Promise.race([
    run.then(() => true),
    new Promise<boolean>((resolve) => {
      setTimeout(() => resolve(false), 500);
    }),
  ]);

describe.each(shells)("runs that meet on a node, under %s", (each) => {
  beforeEach(() => {
    shell = each;
  });

  it("go one after the other: the second names the first, and what was found is what undo gives back", async () => {
    await sandbox.sh("mkdir -p /etc/sudoers.d; echo theirs >/etc/sudoers.d/nptest");
    await addGate("visudo");
    const first = apply("one", [rule("one")]);
    await reached("visudo");
    const second = apply("one", [rule("two")]);
    expect(await endedEarly(second)).toBe(false);
    await open("visudo");
    await succeeds(first);
    expect(await succeeds(second)).toMatch(
      /waiting for the lock that another run holds \(pid \d+: apply one --as o\/p\/s\/n\)/,
    );
    expect(await sandbox.sh("cat /etc/sudoers.d/nptest")).toBe("two ALL=(ALL) ALL\n");
    await succeeds(sandbox.toolkit(shell, ["undo", "one", ...owner]));
    expect(await sandbox.sh("cat /etc/sudoers.d/nptest")).toBe("theirs\n");
  });

  it("go one after the other also where the first takes the lock's file away with all the rest", async () => {
    await sandbox.sh("printf '/dev/vdb none swap sw 0 0\\n' >/etc/fstab");
    await succeeds(apply("swap", [fstabWithoutSwap()]));
    await sandbox.sh("mkdir -p /run/systemd/system");
    await addGate("systemctl");
    await addGate("visudo");
    const destroy = sandbox.toolkit(shell, ["undo", "--all", ...owner]);
    await reached("systemctl");
    const second = apply("one", [rule("two")]);
    expect(await endedEarly(second)).toBe(false);
    await open("systemctl");
    await succeeds(destroy);
    await reached("visudo");
    const third = apply("one", [rule("three")]);
    expect(await endedEarly(third)).toBe(false);
    expect(await sandbox.sh("ls /run/at-visudo 2>&1 || :")).toContain("No such file");
    await open("visudo");
    await succeeds(second);
    expect(await succeeds(third)).toContain("waiting for the lock that another run holds");
    expect(await sandbox.sh("cat /etc/sudoers.d/nptest")).toBe("three ALL=(ALL) ALL\n");
  });
});

describe("waits", () => {
  beforeEach(async () => {
    shell = "dash";
    // Their seconds pass at once; how many there are is what counts.
    await sandbox.sh(
      `printf '#!/bin/sh\\necho "$1" >>/run/slept\\n' >/usr/local/sbin/sleep; chmod +x /usr/local/sbin/sleep`,
    );
  });
  const slept = async () => (await sandbox.sh("wc -l </run/slept")).trim();

  it("for another run end after 15 minutes, with an error that names it and the remedy", async () => {
    const holder = sandbox.sh(
      "echo 'pid 77: apply net --as o/p/s/n' >/run/nodeprep.lock; exec flock /run/nodeprep.lock sh -c ': >/run/at-flock; until [ -e /run/release ]; do /bin/sleep 0.1; done'",
    );
    await reached("flock");
    const { code, stderr } = await apply("one", [rule("one")]);
    expect(code).toBe(1);
    expect(stderr).toContain(
      "error: another nodeprep run still holds /run/nodeprep.lock (pid 77: apply net --as o/p/s/n); let it end, or stop it, and run again",
    );
    expect(stderr).toContain("(890 s of 900 s)");
    expect(await slept()).toBe("900");
    await sandbox.sh(": >/run/release");
    await holder;
  });

  const withApt = existsSync("/usr/bin/apt-get") ? it : it.skip;
  withApt(
    "for a person's package manager end after 15 minutes, and name it; nothing was changed",
    async () => {
      await (await AptRepository.build(debs)).serve(sandbox);
      const { release } = await holdLock(sandbox, "/var/lib/dpkg/lock-frontend");
      const { code, stderr } = await apply("one", [pkg("nptest-app")]);
      expect(code).toBe(1);
      expect(stderr).toMatch(
        /process \d+ \(perl .*\) still holds \/var\/lib\/dpkg\/lock-frontend; let it end, and run again/,
      );
      expect(await slept()).toBe("900");
      await release();
      await sandbox.sh("! dpkg-query -W nptest-app 2>/dev/null");
      await succeeds(apply("one", [pkg("nptest-app")]));
    },
  );
});
