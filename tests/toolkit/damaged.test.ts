import { file, fstabWithoutSwap, sysctl } from "../../plan/kinds";
import { encodeRequirements } from "../../plan/requirement";
import { Sandbox, type Result } from "./sandbox";

/*
 * A record that lost something: a disk that was full, a person who tidied up, a file system that was repaired. Each of
 * its files is emptied, and each deleted, one at a time. Whatever comes of it is said in words, and what was theirs is
 * never replaced by something empty.
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

describe("a record that is damaged", () => {
  let sandbox: Sandbox;
  beforeEach(async () => {
    sandbox = await Sandbox.open();
    await sandbox.sh(theirs);
    must(await apply());
    await sandbox.sh("cp -a /var/lib/nodeprep /tmp/record");
  });
  afterEach(() => sandbox.close());

  const apply = () => sandbox.toolkit("dash", ["apply", "test", ...owner], encodeRequirements(stage));
  const undo = () => sandbox.toolkit("dash", ["undo", "--all", ...owner]);
  const must = ({ code, stderr }: Result): void => {
    if (code !== 0) throw new Error(`ended with ${String(code)}: ${stderr}`);
  };
  const again = () =>
    sandbox.sh(`rm -rf /var/lib/nodeprep; cp -a /tmp/record /var/lib/nodeprep
      printf 'ours\\n' >/etc/nptest-theirs.conf; chmod 0644 /etc/nptest-theirs.conf`);

  const damages = { emptied: (path: string) => `: >'${path}'`, deleted: (path: string) => `rm '${path}'` };

  it.each(Object.entries(damages))(
    "a file %s: apply completes it, and undo loses nothing",
    async (_, damage) => {
      const files = (await sandbox.sh("cd /var/lib/nodeprep; find . -type f")).trim().split("\n");
      expect(files.length).toBeGreaterThan(15);
      const problems: string[] = [];
      for (const name of files) {
        await again();
        await sandbox.sh(damage(`/var/lib/nodeprep/${name}`));
        const applied = await apply();
        if (applied.code !== 0 && !/nodeprep: error: /.test(applied.stderr))
          problems.push(`${name}: apply ended with ${String(applied.code)}: ${applied.stderr}`);
        const undone = await undo();
        if (undone.code !== 0 && !/nodeprep: error: /.test(undone.stderr))
          problems.push(`${name}: undo ended with ${String(undone.code)}: ${undone.stderr}`);
        const left = await sandbox.sh("cat /etc/nptest-theirs.conf 2>/dev/null || echo gone");
        if (!["theirs\n", "ours\n"].includes(left))
          problems.push(`${name}: their file is ${JSON.stringify(left)}`);
        if (/: (syntax|not found|unexpected|cannot)/.test(applied.stderr + undone.stderr))
          problems.push(`${name}: the shell complains: ${applied.stderr}${undone.stderr}`);
      }
      expect(problems).toEqual([]);
    },
  );
});
