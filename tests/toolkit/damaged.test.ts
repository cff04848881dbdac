import { directory, file, fstabWithoutSwap, sysctl } from "../../plan/kinds";
import { encodeRequirements } from "../../plan/requirement";
import { Sandbox, type Result } from "./sandbox";

/*
 * A record that lost something: a disk that was full, a person who tidied up, a file system that was repaired. Each of
 * its files is emptied, and each deleted, one at a time. Either what was theirs comes back, or undo says what it could
 * not give back, and does not say that all is as it was found.
 */
const stage = [
  file("/etc/nptest/new.conf", "ours\n"),
  file("/etc/nptest-theirs.conf", "ours\n"),
  file("/etc/sysctl.d/nptest.conf", "net.ipv4.ip_forward = 1\n"),
  sysctl("net.ipv4.ip_forward", "1"),
  fstabWithoutSwap(),
];
const theirs = `
  rm -rf /etc/nptest*; printf 'theirs\\n' >/etc/nptest-theirs.conf; printf '/dev/vdb none swap sw 0 0\\n' >/etc/fstab
  echo 0 >/proc/sys/net/ipv4/ip_forward`;
const owner = ["--as", "org/project/stack/node"];

const theirFiles = ["/etc/nptest-theirs.conf", "/etc/fstab", "/proc/sys/net/ipv4/ip_forward"];
const home = "/usr/local/lib/nodeprep";

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await Sandbox.open();
  await sandbox.sh(theirs);
  found = await look();
  must(await apply());
  await sandbox.sh(
    "cp -a /var/lib/nodeprep /tmp/record; cp -a /etc/fstab /etc/nptest /etc/sysctl.d/nptest.conf /tmp",
  );
});
afterEach(() => sandbox.close());

let found: string;
const look = () =>
  sandbox.sh(`cat ${theirFiles.join(" ")}; ls -d /etc/nptest /etc/sysctl.d/nptest.conf || :`);
const apply = () => sandbox.toolkit("dash", ["apply", "test", ...owner], encodeRequirements(stage));
const undo = (what = "--all") => sandbox.toolkit("dash", ["undo", what, ...owner]);
const must = ({ code, stderr }: Result): void => {
  if (code !== 0) throw new Error(`ended with ${String(code)}: ${stderr}`);
};
const again = () =>
  sandbox.sh(`rm -rf /var/lib/nodeprep /etc/nptest; cp -a /tmp/record /var/lib/nodeprep
    cp -a /tmp/fstab /tmp/nptest /etc; cp -a /tmp/nptest.conf /etc/sysctl.d; echo 1 >/proc/sys/net/ipv4/ip_forward
    printf 'ours\\n' >/etc/nptest-theirs.conf; chmod 0644 /etc/nptest-theirs.conf`);

describe("a record that is damaged", () => {
  const damages = { emptied: (path: string) => `: >'${path}'`, deleted: (path: string) => `rm '${path}'` };
  // The files of the record itself, and those of the requirement of which there is a copy.
  const some = /^\.\/(order|format|owner|req\/file:%2Fetc%2Fnptest-theirs\.conf\/.*)$/;

  /** What is wrong after an apply, where there is one, and an undo. */
  async function problemsOf(name: string, applies: boolean): Promise<string[]> {
    const said: string[] = [];
    const runs = applies ? [await apply(), await undo()] : [await undo()];
    for (const { code, stderr } of runs)
      if (code !== 0 && !/nodeprep: error: /.test(stderr)) said.push(`ended with ${String(code)}: ${stderr}`);
    const all = runs.map(({ stderr }) => stderr).join("");
    if (/: (syntax|not found|unexpected|cannot)/.test(all)) said.push(`the shell complains: ${all}`);
    const left = await look();
    const owned = runs[runs.length - 1]?.stderr ?? "";
    if (left !== found && !(/nodeprep: (warning|error): /.test(owned) && !/as it was found/.test(owned)))
      said.push(`not given back, without a word: ${JSON.stringify(left)}, ${owned}`);
    return said.map((problem) => `${name}, ${applies ? "with" : "without"} an apply: ${problem}`);
  }

  it.each(Object.entries(damages))(
    "a file %s: apply completes it, and undo loses nothing",
    async (_, damage) => {
      const files = (await sandbox.sh("cd /var/lib/nodeprep; find . -type f")).trim().split("\n");
      expect(files.length).toBeGreaterThan(15);
      expect(files.filter((name) => some.test(name)).length).toBeGreaterThan(8);
      const problems: string[] = [];
      // Both ways of damage for all files would take more than a minute.
      for (const name of files.filter((file) => damage === damages.deleted || some.test(file)))
        for (const applies of some.test(name) ? [true, false] : [false]) {
          await again();
          await sandbox.sh(damage(`/var/lib/nodeprep/${name}`));
          problems.push(...(await problemsOf(name, applies)));
        }
      expect(problems).toEqual([]);
    },
  );
});

describe("an order that lost lines", () => {
  const order = "/var/lib/nodeprep/order";

  it.each([
    ["all of them, by an apply", `: >${order}`, apply],
    ["all of them, by an undo of another stage", `rm ${order}`, () => undo("other")],
    ["the first ones", `sed -i 1,3d ${order}`, apply],
    ["one in the middle", `sed -i 3d ${order}`, () => undo("other")],
    ["the end of the last one", `head -c -1 /tmp/record/order >${order}`, () => undo("other")],
  ])("has them again, the oldest capture first: %s", async (_, damage, run) => {
    const names = (await sandbox.sh(`cat ${order}`)).trim().split("\n");
    const paths = names.map((name) => `'/var/lib/nodeprep/req/${name.replaceAll("/", "%2F")}/found'`);
    await sandbox.sh(paths.map((path, at) => `touch -d @${1_700_000_000 + at} ${path}\n`).join(""));
    await sandbox.sh(`mkdir '/var/lib/nodeprep/req/no name'; ${damage}`);
    must(await run());
    expect((await sandbox.sh(`cat ${order}`)).trim().split("\n")).toEqual(names);
  });

  it.each(["of times apart", "of one time"])(
    "undoes a folder after what is in it, captures being %s",
    async (times) => {
      const folder = directory("/etc/npd", { mode: "0755" });
      const inside = [file("/etc/npd/a", "ours\n"), directory("/etc/npd/deep", { mode: "0755" })];
      must(await undo());
      must(await sandbox.toolkit("dash", ["apply", "one", ...owner], encodeRequirements([folder])));
      must(await sandbox.toolkit("dash", ["apply", "two", ...owner], encodeRequirements(inside)));
      if (times === "of one time") await sandbox.sh("touch -d @1700000000 /var/lib/nodeprep/req/*/found");
      await sandbox.sh(`sed -i 1d ${order}`);
      const { code, stderr } = await undo();
      expect({ code, warnings: stderr.match(/warning: .*/g) }).toEqual({
        code: 0,
        warnings: [expect.stringContaining("lost 1 of its lines; they are put back")],
      });
      expect(await sandbox.sh("ls -d /etc/npd 2>/dev/null || :")).toBe("");
    },
  );

  it("keeps what is left of it as it is, whatever times say", async () => {
    const names = (await sandbox.sh(`cat ${order}`)).trim().split("\n");
    const found = (name = "") => `'/var/lib/nodeprep/req/${name.replaceAll("/", "%2F")}/found'`;
    // The first one was kept anew by a run after the others, as the third was lost.
    await sandbox.sh(names.map((name, at) => `touch -d @${1_700_000_000 + at} ${found(name)}\n`).join(""));
    await sandbox.sh(
      `touch -d @1800000000 ${found(names[0])}; sed -i 3d ${order}; echo 'no name' >>${order}`,
    );
    must(await undo("other"));
    expect((await sandbox.sh(`cat ${order}`)).trim().split("\n")).toEqual(names);
  });
});

describe("a state that is lost", () => {
  it.each(["emptied", "deleted"])("and %s does not make ours what was found", async (how) => {
    await sandbox.sh(`cd /var/lib/nodeprep/req
      for state in */state; do ${how === "deleted" ? "rm" : ": >"} "$state"; done`);
    must(await apply());
    const { code, stderr } = await undo();
    expect({ code, warnings: stderr.match(/(warning|error): .*/g) }).toEqual({ code: 0, warnings: null });
    expect(await look()).toBe(found);
  });
});

describe("a record that is gone", () => {
  const lost =
    /error: the record in \/var\/lib\/nodeprep is gone, .*run this again to let the machine go as it is/;
  const toolkitHere = () => sandbox.sh(`mkdir -p ${home}; cp /run/toolkit-under-test.sh ${home}/nodeprep.sh`);
  const left = () => sandbox.sh(`ls -d ${home} /var/lib/nodeprep /run/nodeprep* 2>/dev/null || :`);
  // Until the next boot.
  const allThatStays = "/run/nodeprep-let-go\n";

  it.each(["rm -rf /var/lib/nodeprep", "rm -rf /var/lib/nodeprep/*", "rm -rf /var/lib/nodeprep/req"])(
    "by %s: undo fails once in words, then lets the machine go",
    async (damage) => {
      await toolkitHere();
      await sandbox.sh(damage);
      const first = await undo("test");
      expect(first.code).toBe(1);
      expect(first.stderr).toMatch(lost);
      const all = [await undo("test"), await undo()];
      for (const { code, stderr } of all) {
        expect(code).toBe(0);
        expect(stderr).toContain("warning: nothing is given back");
        expect(stderr).not.toContain("as it was found");
      }
      expect(await left()).toBe(allThatStays);
      must(await undo());
    },
  );

  it("is said again where an apply came in between, and it is lost again", async () => {
    await toolkitHere();
    await sandbox.sh("rm -rf /var/lib/nodeprep");
    expect((await undo("test")).code).toBe(1);
    must(await apply());
    await sandbox.sh("rm -rf /var/lib/nodeprep");
    expect((await undo("test")).stderr).toMatch(lost);
  });

  /** The record leaves first: rm is killed after that. */
  async function cutOffWhileItLeaves(): Promise<void> {
    await sandbox.sh(
      `printf '#!/bin/sh\\ncase $* in *${home}*) kill -9 $PPID ;; *) exec /usr/bin/rm "$@" ;; esac\\n' >/usr/local/sbin/rm
      chmod +x /usr/local/sbin/rm`,
    );
    expect((await undo()).code).not.toBe(0);
    await sandbox.sh("/usr/bin/rm /usr/local/sbin/rm");
    expect(await left()).toMatch(new RegExp(`${home}\n$`));
  }

  it.each(["alone", "with the power"])(
    "is not missed after an undo that was cut off while the toolkit left, %s, nor by a stage that never came to be",
    async (how) => {
      await toolkitHere();
      must(await undo("never"));
      must(await undo("test"));
      must(await undo("test"));
      await cutOffWhileItLeaves();
      if (how === "with the power") await sandbox.sh("rm /run/nodeprep*");
      const { code, stderr } = await undo();
      expect({ code, stderr }).toEqual({
        code: 0,
        stderr: "nodeprep: the machine is as it was found; record and toolkit are gone\n",
      });
      expect(await left()).toBe(allThatStays);
    },
  );

  it("is missed where it is lost after the toolkit came to stay again", async () => {
    await toolkitHere();
    must(await undo("test"));
    await cutOffWhileItLeaves();
    must(await sandbox.toolkit("dash", ["apply", "toolkit", ...owner]));
    await sandbox.sh("rm -r /var/lib/nodeprep");
    expect((await undo()).stderr).toMatch(lost);
  });
});
