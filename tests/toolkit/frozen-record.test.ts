import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { directory, file, firstConfig, fstabWithoutSwap, links, pkg, sysctl, user } from "../../plan/kinds";
import { encodeRequirements, type Requirement } from "../../plan/requirement";
import { AptRepository } from "./apt-repository";
import { Sandbox, shells } from "./sandbox";
import { debs } from "./test-packages";

/*
 * What nodeprep wrote on a machine, frozen: the record and the files as 0.1.0 left them. Whatever the record becomes,
 * every later version has to undo these. When the format changes, the new one is frozen beside this one
 * (`NODEPREP_FREEZE=fixtures/record-format-2.json npx jest frozen-record`), and an old one is never written again.
 */
const frozen = ["fixtures/record-format-1.json"];

interface Entry {
  readonly path: string;
  readonly type: "f" | "d" | "l";
  readonly mode: string;
  readonly owner: string;
  readonly seconds: string;
  /** Of a file the text, of a link where it leads. */
  readonly content: string;
}

const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa a@b";
const stages: Readonly<Record<string, readonly Requirement[]>> = {
  one: [
    user("nptest-kube", { authorizedKeys: [key], groups: ["nptest-ops"] }),
    directory("/etc/nptest", { mode: "0750" }),
    file("/etc/nptest/deep/new file.conf", "ours\n"),
    file("/etc/nptest-theirs.conf", "ours\n", { mode: "0600" }),
    file("/etc/sysctl.d/nptest.conf", "net.ipv4.ip_forward = 1\n"),
    sysctl("net.ipv4.ip_forward", "1"),
    fstabWithoutSwap(),
  ],
  two: [
    file("/etc/nptest-theirs.conf", "ours\n", { mode: "0600" }),
    file("/etc/nptest.d/20-ours.conf", "{}\n"),
    firstConfig("/etc/nptest.d/20-ours.conf"),
    links("/opt/nptest-bin", "/opt/nptest-plugins"),
    pkg("nptest-app", { hold: true }),
  ],
};
const places =
  "/var/lib/nodeprep /home/nptest-kube /etc/nptest* /etc/sysctl.d/nptest.conf /etc/sysctl.d/zz-theirs.conf /etc/fstab /opt/nptest*";

const theirs = `
  rm -rf /etc/skel; mkdir /etc/skel; echo '# a shell' >/etc/skel/.profile
  groupadd nptest-ops
  printf 'theirs\\n' >/etc/nptest-theirs.conf; chmod 0640 /etc/nptest-theirs.conf; touch -d @1600000000 /etc/nptest-theirs.conf
  printf '/dev/vda / ext4 defaults 0 1\\n/dev/vdb none swap sw 0 0\\n' >/etc/fstab
  printf 'net.ipv4.ip_forward = 0\\n' >/etc/sysctl.d/zz-theirs.conf
  mkdir -p /etc/nptest.d /opt/nptest-plugins /opt/nptest-bin
  echo '{}' >/etc/nptest.d/10-theirs.conf; echo >/opt/nptest-plugins/bridge
  echo 0 >/proc/sys/net/ipv4/ip_forward`;

const look = `
  find /etc /home /opt/nptest* /var/lib/nodeprep /usr/local/lib -printf '%p %y %m %u:%g %l\\n' 2>/dev/null |
    grep -Ev '^/etc/[a-z]*- |^/etc/(.pwd.lock|ld.so.cache) ' | sort
  find /etc -xdev -type f ! -name '*-' ! -name ld.so.cache -exec sha256sum {} + | sort
  stat -c '%Y %n' /etc/nptest-theirs.conf; cat /proc/sys/net/ipv4/ip_forward
  dpkg-query -W -f '\${Package} \${Version} \${Status}\\n' | grep nptest; apt-mark showhold`;

let repository: AptRepository;
const withApt = existsSync("/usr/bin/apt-get") ? describe : describe.skip;
beforeAll(async () => {
  if (!existsSync("/usr/bin/dpkg-deb")) return;
  repository = await AptRepository.build(debs);
});

withApt.each(shells)("a record that an earlier version wrote, under %s", (shell) => {
  let sandbox: Sandbox;
  let found: string;
  beforeEach(async () => {
    sandbox = await Sandbox.open();
    await repository.serve(sandbox);
    await sandbox.sh(theirs);
    found = await sandbox.sh(look);
  });
  afterEach(() => sandbox.close());

  it.each(frozen)("%s is undone: the machine is as it was found", async (name) => {
    if (process.env["NODEPREP_FREEZE"]) await freeze(process.env["NODEPREP_FREEZE"]);
    else await thaw(JSON.parse(readFileSync(join(__dirname, name), "utf8")) as Entry[]);
    expect(await sandbox.sh(look)).not.toBe(found);
    for (const [stage, requirements] of Object.entries(stages)) {
      const input = `stage ${stage}\n${encodeRequirements(requirements)}`;
      const { stdout } = await sandbox.toolkit(shell, ["observe", "--as", "org/project/stack/node"], input);
      // It holds, and is on record: what is thawed is what was frozen.
      expect(stdout).toMatch(
        /^meta\tformat\t1\nmeta\towner\torg\/project\/stack\/node\nmeta\tapply\t\w+\nmeta\truntime\tnone\nend\t\d+\n$/,
      );
    }
    const { code, stderr } = await sandbox.toolkit(shell, [
      "undo",
      "--all",
      "--as",
      "org/project/stack/node",
    ]);
    expect({ code, warnings: stderr.match(/(warning|error): .*/g) }).toEqual({ code: 0, warnings: null });
    expect(await sandbox.sh(look)).toBe(found);
  });

  /** The files as they were, by plain commands; what is in databases (an account, a package) too. */
  async function thaw(entries: readonly Entry[]): Promise<void> {
    await sandbox.sh(`
      useradd -M -s /bin/bash -p '*' -G nptest-ops nptest-kube; echo 1 >/proc/sys/net/ipv4/ip_forward
      apt-get update -q >/dev/null; DEBIAN_FRONTEND=noninteractive apt-get -y -q install nptest-app >/dev/null; apt-mark hold nptest-app
      rm /etc/nptest.d/10-theirs.conf`);
    const script = entries.map(({ path, type, mode, owner, seconds, content }) => {
      const text = Buffer.from(content).toString("base64");
      const make = {
        d: `mkdir -p '${path}'`,
        f: `echo ${text} | base64 -d >'${path}'`,
        l: `ln -sf '${content}' '${path}'`,
      }[type];
      return `${make}; chown -h ${owner} '${path}'; ${type === "l" ? "" : `chmod ${mode} '${path}'; touch -d @${seconds} '${path}'`}\n`;
    });
    await sandbox.sh(`set -e\n${script.join("")}`);
  }

  /** Has today's toolkit write it. */
  async function freeze(name: string): Promise<void> {
    for (const [stage, requirements] of Object.entries(stages)) {
      const words = ["apply", stage, "--as", "org/project/stack/node"];
      const { code, stderr } = await sandbox.toolkit(shell, words, encodeRequirements(requirements));
      if (code !== 0) throw new Error(stderr);
    }
    const list = await sandbox.sh(`: >/var/lib/nodeprep/package.log
      find ${places} -printf '%p\\t%y\\t%m\\t%u:%g\\t%Ts\\t%l\\n'`);
    const entries: Entry[] = [];
    for (const line of list.trim().split("\n")) {
      const [path = "", type = "", mode = "", owner = "", seconds = "", target = ""] = line.split("\t");
      const content = type === "f" ? await sandbox.sh(`cat '${path}'`) : target;
      entries.push({ path, type: type as Entry["type"], mode, owner, seconds, content });
    }
    writeFileSync(join(__dirname, name), `${JSON.stringify(entries, undefined, 2)}\n`);
  }
});
