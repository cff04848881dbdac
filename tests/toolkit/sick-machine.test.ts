import { directory, file, fstabWithoutSwap, sysctl, user } from "../../plan/kinds";
import { encodeRequirements } from "../../plan/requirement";
import { Sandbox, shells, type Result, type Shell } from "./sandbox";

/*
 * Machines that are sick in ways of which people hear at night: a disk without space or inodes, a file system that the
 * kernel made read-only. Real file systems, mounted over the sandbox's own. Whatever comes of it is said in words,
 * what was theirs is never half-written, and once the machine is well the next run completes it and undo gives back
 * what was found.
 */
jest.setTimeout(600_000);
const stage = [
  user("nptest", { authorizedKeys: [] }),
  directory("/etc/nptest", { mode: "0750" }),
  file("/etc/nptest/deep/new.conf", "ours\n".repeat(2000)),
  file("/etc/nptest-theirs.conf", "ours\n"),
  file("/etc/sysctl.d/nptest.conf", "net.ipv4.ip_forward = 1\n"),
  sysctl("net.ipv4.ip_forward", "1"),
  fstabWithoutSwap(),
];
const theirs = `
  printf 'theirs\\n' >/etc/nptest-theirs.conf; printf '/dev/vdb none swap sw 0 0\\n' >/etc/fstab
  printf 'net.ipv4.ip_forward = 0\\n' >/etc/sysctl.d/zz-theirs.conf
  echo 0 >/proc/sys/net/ipv4/ip_forward`;
const look = `
  find /etc /home -printf '%p %y %m %u:%g %l\\n' | grep -v '^/etc/[a-z.]*[-k] ' | sort
  find /etc -xdev -type f ! -name '*-' ! -name '.pwd.lock' -exec sha256sum {} + | sort
  cat /proc/sys/net/ipv4/ip_forward; ls -d /var/lib/nodeprep/* 2>/dev/null || :`;
const owner = ["--as", "org/project/stack/node"];

let sandbox: Sandbox;
let shell: Shell = "dash";
const apply = () => sandbox.toolkit(shell, ["apply", "test", ...owner], encodeRequirements(stage));
const undo = () => sandbox.toolkit(shell, ["undo", "--all", ...owner]);
const must = ({ code, stderr }: Result): void => {
  if (code !== 0) throw new Error(`ended with ${String(code)}: ${stderr}`);
};

/** What is wrong with how a run ended on a sick machine; nothing where it completed or failed in words. */
async function complaints(what: string, run: Promise<Result>): Promise<string[]> {
  const { code, stderr } = await run;
  const files = await sandbox.sh(
    "cat /etc/nptest-theirs.conf; cat /etc/fstab; cat /etc/sysctl.d/zz-theirs.conf",
  );
  return [
    ...(code === 0 || /^nodeprep: error: ./m.test(stderr) ? [] : [`${what}: no error in words: ${stderr}`]),
    ...(/(syntax|not found|unexpected|arithmetic)/i.test(stderr)
      ? [`${what}: the shell complains: ${stderr}`]
      : []),
    ...(/^(theirs|ours)\n(#nodeprep# )?\/dev\/vdb none swap sw 0 0\n(#nodeprep# )?net.ipv4.ip_forward = 0\n$/.test(
      files,
    )
      ? []
      : [`${what}: a file of theirs is damaged: ${files}`]),
  ];
}

/** Sick in this way, then well again: both verbs in both states. */
async function throughIt(
  sick: string,
  well: string,
  what: string,
): Promise<{ problems: string[]; failed: boolean }> {
  sandbox = await Sandbox.open();
  try {
    await sandbox.sh(theirs);
    const found = await sandbox.sh(look);
    await sandbox.sh(sick);
    const run = apply();
    const problems = await complaints(`apply ${what}`, run);
    await sandbox.sh(well);
    must(await apply());
    expect(await sandbox.observe(shell, stage)).toEqual([]);
    await sandbox.sh(sick);
    problems.push(...(await complaints(`undo ${what}`, undo())));
    await sandbox.sh(well);
    must(await undo());
    const left = await sandbox.sh(look);
    if (left !== found) problems.push(`${what}: it is not as it was found: ${difference(found, left)}`);
    return { problems, failed: (await run).code !== 0 };
  } catch (error) {
    return { problems: [`${what}: ${error instanceof Error ? error.message : String(error)}`], failed: true };
  } finally {
    await sandbox.close();
  }
}

function difference(before: string, after: string): string {
  const [old, now] = [before.split("\n"), after.split("\n")];
  return [
    ...old.filter((l) => !now.includes(l)).map((l) => `-${l}`),
    ...now.filter((l) => !old.includes(l)).map((l) => `+${l}`),
  ].join("\n");
}

/** The folder becomes a file system of its own with room for so many more files; /etc keeps its content. */
const small = (folder: string, room: number) => `
  grep -q "^small ${folder} " /proc/mounts || {
    mkdir -p /mnt/small; mount -t tmpfs -o mode=755 small /mnt/small
    [ ${folder} != /etc ] || cp -a /etc/. /mnt/small
    mount --move /mnt/small ${folder}
  }
  used=$(df --output=iused ${folder} | tail -n 1)
  mount -o remount,nr_inodes=$((used + ${room})) ${folder}`;
const roomy = (folder: string) => `mount -o remount,nr_inodes=100000,size=200m ${folder}`;
const noSpace = (folder: string, pages: number) => `
  ${small(folder, 1000)}
  used=$(df -k --output=used ${folder} | tail -n 1)
  mount -o remount,size=$((used + 4 + ${pages} * 4))k ${folder}`;

describe("a disk that is full", () => {
  beforeEach(() => {
    shell = "dash";
  });

  const every = [0, 1, 2, 3, 4, 5, 6, 8, 10, 13, 17, 22, 28, 35, 43, 55, 90];
  const rooms = process.env["NODEPREP_EVERY_POINT"] ? every : [0, 3, 6, 13, 28, 55, 90];

  it.each(["/etc", "/var/lib"])("has room in %s for so many files and no more", async (folder) => {
    const results = [];
    for (const room of rooms)
      results.push(await throughIt(small(folder, room), roomy(folder), `with room for ${room} files`));
    expect(results.flatMap(({ problems }) => problems)).toEqual([]);
    // With no room it fails, with enough it succeeds: otherwise nothing was attacked.
    expect([results[0]?.failed, results.at(-1)?.failed]).toEqual([true, false]);
  });

  it.each(["/etc", "/var/lib"])("has space in %s for so much and no more", async (folder) => {
    const results = [];
    for (const pages of rooms)
      results.push(
        await throughIt(noSpace(folder, pages), roomy(folder), `with ${pages + 1} pages of 4 KiB`),
      );
    expect(results.flatMap(({ problems }) => problems)).toEqual([]);
    expect([results[0]?.failed, results.at(-1)?.failed]).toEqual([true, false]);
  });
});

describe.each(shells)("a file system that has become read-only, under %s", (each) => {
  beforeEach(() => {
    shell = each;
  });

  it.each([
    ["/etc", /error: user nptest cannot be created; useradd says why above/],
    ["/var", /error: cannot write the record in \/var\/lib\/nodeprep/],
    ["/run", /error: cannot write \/run\/nodeprep.lock: is \/run full or read-only/],
  ])("%s: refused in words, and completed when it is writable again", async (folder, message) => {
    const sick = `mountpoint -q ${folder} || mount --bind ${folder} ${folder}; mount -o remount,bind,ro ${folder}`;
    const well = `mount -o remount,bind,rw ${folder}`;
    const { problems, failed } = await throughIt(sick, well, `${folder} read-only`);
    expect(problems).toEqual([]);
    expect(failed).toBe(true);
    sandbox = await Sandbox.open();
    try {
      await sandbox.sh(theirs);
      await sandbox.sh(sick);
      expect((await apply()).stderr).toMatch(message);
      // Looking needs no place to write.
      expect((await sandbox.observe(shell, stage)).length).toBeGreaterThan(4);
    } finally {
      await sandbox.close();
    }
  });
});
