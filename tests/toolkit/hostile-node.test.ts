import { file, firstConfig, fstabWithoutSwap, sysctl, user } from "../../plan/kinds";
import type { Requirement } from "../../plan/requirement";
import { Sandbox, shells } from "./sandbox";

/** Names of files that somebody on the node has made; as command lines they would leave a file `pwned` somewhere. */
const names = [
  "$(touch pwned)",
  "`touch pwned`",
  "; touch pwned;",
  "-rf --help",
  "'; touch pwned '",
  '"; touch pwned "',
  "* ? [a-z]",
  "%s \\n \\041",
  "\u001b[31mred",
  "<{%no color of Pulumi's%}>",
];

/* What stands on the node never becomes part of a command line, and does not keep nodeprep from its work. */
describe.each(shells)("hostile names on the node under %s", (shell) => {
  let sandbox: Sandbox;
  beforeEach(async () => {
    sandbox = await Sandbox.open();
  });
  afterEach(() => sandbox.close());

  const pwned = "find / -maxdepth 1 -name pwned; find /etc /home /run /var/lib/nodeprep -name pwned";
  const look = (folder: string) => sandbox.sh(`find ${folder} -type f -exec sha256sum {} + | sort`);
  const fill = async (folder: string, named: (name: string) => string, text: string) => {
    await sandbox.sh(`mkdir -p ${folder}`);
    for (const name of names)
      await sandbox.sh(`IFS= read -r name; cat >"${folder}/$name"`, `${named(name)}\n${text}`);
  };
  const differing = async (requirements: readonly Requirement[]) =>
    (await sandbox.observe(shell, requirements)).filter(({ state }) => state === "differs");

  /** Seen, made to hold, given back, with nothing else anywhere. */
  const goesWell = async (folder: string, requirements: readonly Requirement[]) => {
    const before = await look(folder);
    const seen = await differing(requirements);
    expect(seen.length).toBeGreaterThan(0);
    for (const { phrase } of seen) expect(phrase).toMatch(/^(?!.*<\{%)[ -~]+$/);
    expect(await sandbox.apply(shell, requirements)).toMatchObject({ code: 0 });
    expect(await differing(requirements)).toEqual([]);
    expect(await sandbox.undo(shell)).toMatchObject({ code: 0 });
    expect(await look(folder)).toBe(before);
    expect(await sandbox.sh(pwned)).toBe("");
  };

  it("later files with sysctls", async () => {
    await fill("/etc/sysctl.d", (name) => `zz${name}.conf`, "net.ipv4.ip_forward = 0\n");
    await goesWell("/etc/sysctl.d", [
      file("/etc/sysctl.d/k8s.conf", "net.ipv4.ip_forward = 1\n"),
      sysctl("net.ipv4.ip_forward", "1"),
    ]);
  });

  it("other configurations of CNI", async () => {
    await fill("/etc/cni-test", (name) => `00${name}.conf`, "{}\n");
    const conf = "/etc/cni-test/10-bridge.conf";
    await goesWell("/etc/cni-test", [file(conf, "{}\n"), firstConfig(conf)]);
  });

  it("devices in fstab", async () => {
    const line = (name: string): string => `/dev/${name.replace(/ /g, "\\040")} none swap sw 0 0\n`;
    await sandbox.sh("cat >/etc/fstab", names.map(line).join(""));
    await goesWell("/etc/fstab", [fstabWithoutSwap()]);
  });

  it("files in the home of an account, which stay with it", async () => {
    await sandbox.sh("userdel -r kube 2>/dev/null; rm -rf /home/kube");
    const account = [user("kube", { authorizedKeys: [] })];
    expect(await sandbox.apply(shell, account)).toMatchObject({ code: 0 });
    await fill("/home/kube", (name) => name, "theirs\n");
    const before = await look("/home/kube");
    expect(await sandbox.undo(shell)).toMatchObject({ code: 0 });
    const kept = before.split("\n").filter((line) => !line.includes("authorized_keys"));
    expect((await look("/home/kube")).split("\n")).toEqual(kept);
    expect(await sandbox.sh(pwned)).toBe("");
  });
});
