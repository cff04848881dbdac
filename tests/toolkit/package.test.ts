import { pkg } from "../../plan/kinds";
import type { Requirement } from "../../plan/requirement";
import { AptRepository, withApt } from "./apt-repository";
import { holdLock } from "./lock-holder";
import { type Sandbox, shells, type Shell } from "./sandbox";
import { debs } from "./test-packages";

let repository: AptRepository;
beforeAll(async () => {
  if (withApt !== describe.skip) repository = await AptRepository.build(debs);
});

let sandbox: Sandbox;
let shell: Shell;
beforeEach(async () => {
  shell = "dash";
  sandbox = await repository.machine();
});
afterEach(() => sandbox.close());

const phrases = async (...requirements: Requirement[]) =>
  (await sandbox.observe(shell, requirements)).map(({ state, phrase }) => `${state} ${phrase}`);
const applied = async (...requirements: Requirement[]) => {
  const result = await sandbox.apply(shell, requirements);
  expect({ code: result.code, errors: result.stderr.match(/error.*/g) }).toEqual({ code: 0, errors: null });
  expect(await phrases(...requirements)).toEqual([]);
  return result.stderr;
};
const undone = async () => {
  const result = await sandbox.undo(shell);
  expect(result.code).toBe(0);
  return result.stderr;
};
/** What dpkg and apt know of our packages, and what is there of their files. */
const state = () =>
  sandbox.sh(
    `dpkg-query -W -f '\${Package} \${Version} \${Status}\\n' 'nptest-*' 2>/dev/null
     apt-mark showauto | grep '^nptest-' | sed 's/^/auto /'; ls -d /etc/nptest-* 2>/dev/null || :`,
  );
const get = (words: string) =>
  sandbox.sh(
    `apt-get update -q >/dev/null; DEBIAN_FRONTEND=noninteractive apt-get -y -q ${words} >/dev/null`,
  );

const app = pkg("nptest-app", { hold: true });

withApt.each(shells)("package, with apt, under %s", (each) => {
  beforeEach(() => {
    shell = each;
  });

  it("installs with empty package lists, holds, and takes everything away again", async () => {
    const before = await state();
    expect(await phrases(app)).toEqual(["differs is not installed, must be"]);
    expect(await applied(app)).toContain("fetching the package lists");
    expect(await state()).toBe(
      "nptest-app 2.0-1 hold ok installed\nnptest-lib 1 install ok installed\nauto nptest-lib\n/etc/nptest-app.conf\n",
    );
    await undone();
    expect(await state()).toBe(before);
  });

  it("is not needed where one of the commands is there that make it unnecessary", async () => {
    const spare = pkg("nptest-app", { unless: ["no-such-command", "tar"] });
    await applied(spare);
    expect(await state()).not.toContain("nptest-app");
    await undone();
    await applied(pkg("nptest-app", { unless: ["no-such-command"] }));
    expect(await state()).toContain("nptest-app 2.0-1 install ok installed");
  });

  it("touches nothing that holds", async () => {
    await applied(app);
    const untouched = await sandbox.sh("stat -c %Y%Z /var/lib/dpkg/status /var/lib/apt/extended_states");
    await applied(app);
    expect(await sandbox.sh("stat -c %Y%Z /var/lib/dpkg/status /var/lib/apt/extended_states")).toBe(
      untouched,
    );
  });

  it("sees and repairs one that was unheld and removed", async () => {
    await applied(app);
    await sandbox.sh("apt-mark unhold nptest-app");
    expect(await phrases(app)).toEqual(["differs is not held, must be"]);
    await sandbox.sh("dpkg --remove nptest-app");
    expect(await phrases(app)).toEqual(["differs is not installed, must be"]);
    await applied(app);
    await undone();
    expect(await state()).toBe("");
  });

  it("installs what follows one another in one transaction", async () => {
    const progress = await applied(app, pkg("nptest-tool"));
    expect(progress.match(/installing .*/g)).toEqual([
      expect.stringMatching(/^installing nptest-app nptest-tool \(log: .*package\.log\)$/),
    ]);
    expect(await sandbox.sh("sort /var/lib/nodeprep/packages")).toBe(
      "nptest-app purge\nnptest-lib purge\nnptest-tool purge\n",
    );
    await undone();
    expect(await state()).toBe("");
  });

  it("brings another version, and the one that was found back, with its marks", async () => {
    await get("install nptest-app=1.0-1");
    await sandbox.sh("apt-mark auto nptest-app");
    const before = await state();
    const pinned = pkg("nptest-app", { version: "2.0-1", hold: true });
    expect(await phrases(pinned)).toEqual(["differs is installed in version 1.0-1, must be 2.0-1"]);
    await applied(pinned);
    await undone();
    expect(await state()).toBe(before);
    expect(await sandbox.sh("cat /etc/nptest-app.conf")).toBe("one = 1\n");
  });
});

withApt("package, with apt, on machines that were not bare", () => {
  it.each([
    ["apt-get -y --allow-change-held-packages remove nptest-app", "is not installed, must be"],
    ["dpkg --purge nptest-app nptest-lib", "is not installed, must be"],
    [
      "dpkg --unpack --force-all /srv/nodeprep-repository/nptest-app_2.0-1.deb",
      "is unpacked, must be installed",
    ],
  ])("sees and repairs: %s", async (tampering, phrase) => {
    await applied(app);
    await sandbox.sh(tampering);
    expect(await phrases(app)).toEqual([`differs ${phrase}`]);
    await applied(app);
    await undone();
    expect(await state()).toBe("");
  });

  it("pins an older version than the newest, also over a hold", async () => {
    await get("install nptest-app");
    await sandbox.sh("apt-mark hold nptest-app; echo 'mine = 3' >>/etc/nptest-app.conf");
    const before = await state();
    await applied(pkg("nptest-app", { version: "1.0-1", hold: true }));
    expect(await sandbox.sh("cat /etc/nptest-app.conf")).toContain("mine = 3");
    await undone();
    expect(await state()).toContain(before.split("\n")[0]);
  });

  it("leaves a package that was there, held or not, as it was", async () => {
    await get("install nptest-app");
    const before = await state();
    await applied(app);
    await undone();
    expect(await state()).toBe(before);
  });

  it("gives back the configuration of a package that had been removed but not purged", async () => {
    await get("install nptest-app");
    await sandbox.sh("echo mine >/etc/nptest-app.conf; dpkg --remove nptest-app nptest-lib");
    const before = await state();
    expect(before).toContain("deinstall ok config-files");
    await applied(app);
    await undone();
    expect(await state()).toBe(before);
    expect(await sandbox.sh("cat /etc/nptest-app.conf")).toBe("mine\n");
  });

  it("keeps what a package of somebody else needs, unmarked, and says so", async () => {
    await applied(app);
    await get("install nptest-tool");
    const said = await undone();
    expect(said).toContain("these packages stay, nptest-tool needs them: nptest-lib");
    expect(await state()).toBe(
      "nptest-lib 1 install ok installed\nnptest-tool 1 install ok installed\nauto nptest-lib\n",
    );
  });

  it("takes away what an earlier requirement's package needed, although a later one asks for it too", async () => {
    await applied(app, pkg("nptest-lib"));
    await undone();
    expect(await state()).toBe("");
  });

  it("takes away the accounts and folders that a purged package leaves, and no other", async () => {
    const litter = () =>
      sandbox.sh("cat /etc/passwd /etc/group /etc/shadow; ls -d /etc/np* /etc/np*/* 2>&1 || :");
    const before = await litter();
    await applied(pkg("nptest-litter"));
    expect(await litter()).toMatch(/nptest-user[^]*nptest-group[^]*nptest-left.over/);
    await undone();
    expect(await litter()).toBe(before);
    await applied(pkg("nptest-litter"));
    await sandbox.sh("useradd -r nptest-theirs; touch /etc/nptest-left/mine");
    await undone();
    expect(await litter()).toMatch(/nptest-theirs[^]*nptest-left\/mine/);
  });

  it("never removes a package to make room", async () => {
    await get("install nptest-rival");
    const before = await state();
    const result = await sandbox.apply(shell, [app]);
    expect(result.code).toBe(1);
    expect(result.stderr).toContain(
      "cannot install nptest-app: that would remove nptest-rival, and nodeprep removes nothing",
    );
    expect(result.stderr).not.toContain("are name and version right");
    await undone();
    expect(await state()).toBe(before);
  });

  it.each([
    [pkg("nptest-missing"), "Unable to locate package nptest-missing"],
    [pkg("nptest-app", { version: "9" }), "Version '9' for 'nptest-app' was not found"],
    [pkg("nptest-broken"), "it cannot be configured"],
  ])("names what is wrong with %j, and undoes it", async (requirement, reason) => {
    const result = await sandbox.apply(shell, [requirement]);
    expect(result.code).toBe(1);
    expect(result.stderr).toContain(reason);
    await undone();
    expect(await state()).toBe("");
  });

  it("completes what was cut off in the middle before it installs anything", async () => {
    await sandbox.sh("dpkg --unpack /srv/nodeprep-repository/nptest-late_1.deb >/dev/null");
    expect(await state()).toContain("nptest-late 1 install ok unpacked");
    const said = await applied(app);
    expect(said).toContain("completing an interrupted run of the package manager (dpkg --configure -a)");
    expect(await state()).toContain("nptest-late 1 install ok installed");
    await undone();
    expect(await state()).toContain("nptest-late 1 install ok installed");
  });

  it("waits for whoever holds the lock, and names it", async () => {
    const { release } = await holdLock(sandbox, "/var/lib/dpkg/lock-frontend", 4);
    expect(await applied(app)).toMatch(
      /waiting for process \d+ \(perl .*\), which holds \/var\/lib\/dpkg\/lock-frontend/,
    );
    await release();
  });

  it("sees a kernel's package whose kernel does not run", async () => {
    const extra = pkg("linux-modules-extra-1.2.3-test");
    const result = await sandbox.apply(shell, [extra]);
    expect(result.code).toBe(1);
    expect(await phrases(extra)).toEqual([expect.stringContaining("reboot required")]);
  });
});
