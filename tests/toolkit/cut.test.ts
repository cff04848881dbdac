import { directory, file, fstabWithoutSwap, sysctl, user } from "../../plan/kinds";
import { encodeRequirements } from "../../plan/requirement";
import { Sandbox } from "./sandbox";

/*
 * The toolkit and all its children are killed at a command by which it changes anything, as if the power had gone. The
 * next run has to complete it, and undo has to give back what was found. Every third command, each on a machine of its
 * own, takes a minute and a half; NODEPREP_EVERY_POINT=1 takes them all.
 */
jest.setTimeout(1_800_000);
const step = process.env["NODEPREP_EVERY_POINT"] ? 1 : 3;

const changing = "mv rm mkdir rmdir cp chmod chown useradd usermod userdel gpasswd sync";

/** Stands before each of them, counts, and kills all of it when its turn has come. */
const wrapper = `#!/bin/sh
# What runs as the account's user cannot end root's processes.
[ "$(id -u)" = 0 ] || exec /run/cut/real/"\${0##*/}" "$@"
n=$(($(cat /run/cut/count) + 1))
echo "$n" >/run/cut/count
if [ "$n" = "$(cat /run/cut/at)" ]; then
  # The whole session: timeout puts its children into a group of their own.
  pkill -KILL -s "$(cut -d' ' -f6 /proc/$$/stat)"
fi
exec /run/cut/real/"\${0##*/}" "$@"
`;

const stage = [
  user("kube", {
    authorizedKeys: ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa a@b"],
  }),
  directory("/etc/nptest", { mode: "0750" }),
  file("/etc/nptest/deep/new.conf", "ours\n"),
  file("/etc/nptest-theirs.conf", "ours\n", { mode: "0600" }),
  file("/etc/sysctl.d/nptest.conf", "net.ipv4.ip_forward = 1\n"),
  sysctl("net.ipv4.ip_forward", "1"),
  fstabWithoutSwap(),
];

const theirs = `
  rm -rf /etc/nptest* /home/kube; userdel kube 2>/dev/null
  printf 'theirs\\n' >/etc/nptest-theirs.conf; chmod 0640 /etc/nptest-theirs.conf; touch -d @1600000000 /etc/nptest-theirs.conf
  printf '/dev/vda / ext4 defaults 0 1\\n/dev/vdb none swap sw 0 0\\n' >/etc/fstab
  printf 'net.ipv4.ip_forward = 0\\n' >/etc/sysctl.d/zz-theirs.conf
  echo 0 >/proc/sys/net/ipv4/ip_forward`;

const look = `
  find /etc /home /var/lib/nodeprep /usr/local/lib -printf '%p %y %m %u:%g %l\\n' 2>/dev/null | grep -v '^/etc/[a-z]*- ' | sort
  find /etc -xdev -type f ! -name '*-' -exec sha256sum {} + | sort
  cat /proc/sys/net/ipv4/ip_forward`;

const words = {
  apply: ["apply", "test", "--as", "org/project/stack/node"],
  undo: ["undo", "--all", "--as", "org/project/stack/node"],
};

/** A machine of theirs on which the toolkit can be cut off. */
async function machine(): Promise<{ sandbox: Sandbox; found: string }> {
  const sandbox = await Sandbox.open();
  await sandbox.sh(theirs);
  const found = await sandbox.sh(look);
  await sandbox.sh(
    `mkdir -p /run/cut/real; cat >/run/cut/wrapper; chmod +x /run/cut/wrapper
    echo 0 >/run/cut/at; echo 0 >/run/cut/count`,
    wrapper,
  );
  // The wrapper's own commands have to be the real ones, so it finds them first.
  await sandbox.sh(`for name in ${changing}; do
      real=$(command -v "$name") || continue
      cp -a "$(readlink -f "$real")" "/run/cut/real/$name"
    done
    for real in /run/cut/real/*; do
      name=\${real##*/} there=$(command -v "$name")
      /run/cut/real/rm -f "$there"; ln -s /run/cut/wrapper "$there"
    done`);
  return { sandbox, found };
}

/** Runs a verb in a session of its own, which is cut off at the point; was there such a point? */
async function cut(sandbox: Sandbox, verb: keyof typeof words, at: number): Promise<boolean> {
  await sandbox.sh(`echo ${at} >/run/cut/at; echo 0 >/run/cut/count`);
  const input = verb === "apply" ? encodeRequirements(stage) : "";
  await sandbox.toolkit("dash", words[verb], input, { ownSession: true });
  return Number(await sandbox.sh("echo 0 >/run/cut/at; cat /run/cut/count")) === at;
}

async function must(sandbox: Sandbox, verb: keyof typeof words): Promise<void> {
  const input = verb === "apply" ? encodeRequirements(stage) : "";
  const { code, stderr } = await sandbox.toolkit("dash", words[verb], input);
  if (code !== 0) throw new Error(`${verb} ended with ${String(code)}: ${stderr}`);
}

/** Cuts the verb off at one point after the other, each time on a new machine; `after` must hold each time. */
async function everywhere(
  verb: keyof typeof words,
  after: (sandbox: Sandbox, found: string) => Promise<void>,
): Promise<string[]> {
  const problems: string[] = [];
  let at = 1;
  for (let cuts = true; cuts; at += step) {
    const { sandbox, found } = await machine();
    try {
      if (verb === "undo") await must(sandbox, "apply");
      cuts = await cut(sandbox, verb, at);
      await after(sandbox, found);
    } catch (error) {
      problems.push(`cut off at ${at}: ${error instanceof Error ? error.message : String(error)}`);
    } finally {
      await sandbox.close();
    }
  }
  // A run of few commands would prove little.
  expect(at).toBeGreaterThan(30);
  return problems;
}

describe("a toolkit that is cut off at any point", () => {
  it("while it applies: the next apply completes it, and undo gives back what was found", async () => {
    const problems = await everywhere("apply", async (sandbox, found) => {
      await must(sandbox, "apply");
      expect(await sandbox.observe("dash", stage)).toEqual([]);
      await must(sandbox, "undo");
      expect(await sandbox.sh(look)).toBe(found);
    });
    expect(problems).toEqual([]);
  });

  it("while it undoes: the next undo gives back what was found", async () => {
    const problems = await everywhere("undo", async (sandbox, found) => {
      await must(sandbox, "undo");
      expect(await sandbox.sh(look)).toBe(found);
    });
    expect(problems).toEqual([]);
  });
});
