import { encodeRequirements } from "../../plan/requirement";
import { file, sysctl } from "../../plan/kinds";
import { Sandbox, shells } from "./sandbox";

/*
 * The toolkit's core, driven as the provider drives it, with kinds that work in a sandbox: file and sysctl
 * (a network namespace has its own net.ipv4.ip_forward).
 */
describe.each(shells)("the toolkit's core under %s", (shell) => {
  let sandbox: Sandbox;
  beforeEach(async () => {
    sandbox = await Sandbox.open();
  });
  afterEach(() => sandbox.close());

  const forwardFile = file("/etc/sysctl.d/k8s.conf", "net.ipv4.ip_forward = 1\n");
  const forward = sysctl("net.ipv4.ip_forward", "1");
  const apply = (stage: string, owner: string, requirements = [forwardFile, forward], ...words: string[]) =>
    sandbox.toolkit(shell, ["apply", stage, "--as", owner, ...words], encodeRequirements(requirements));
  const undo = (stage: string, owner: string) => sandbox.toolkit(shell, ["undo", stage, "--as", owner]);
  const running = async () => (await sandbox.sh("cat /proc/sys/net/ipv4/ip_forward")).trim();
  const exists = async (path: string) =>
    (await sandbox.sh(`[ -e ${path} ] && echo yes || echo no`)).trim() === "yes";

  it("makes requirements hold, records them, and gives back what was found", async () => {
    await sandbox.sh("echo 0 > /proc/sys/net/ipv4/ip_forward; rm -f /etc/sysctl.d/k8s.conf");
    expect((await apply("net", "o/p/s/n")).code).toBe(0);
    expect(await running()).toBe("1");
    expect((await undo("net", "o/p/s/n")).code).toBe(0);
    expect(await running()).toBe("0");
    expect(await exists("/etc/sysctl.d/k8s.conf")).toBe(false);
  });

  it("undoes what the stage no longer states, and nothing else", async () => {
    const extra = file("/etc/nodeprep-extra.conf", "x\n");
    await apply("net", "o/p/s/n", [forwardFile, forward, extra]);
    const result = await apply("net", "o/p/s/n");
    expect(result.code).toBe(0);
    expect(await exists("/etc/nodeprep-extra.conf")).toBe(false);
    expect(await exists("/etc/sysctl.d/k8s.conf")).toBe(true);
    expect(await running()).toBe("1");
  });

  it("leaves a requirement that another stage states too", async () => {
    await apply("one", "o/p/s/n", [forwardFile]);
    await apply("two", "o/p/s/n", [forwardFile]);
    await undo("one", "o/p/s/n");
    expect(await exists("/etc/sysctl.d/k8s.conf")).toBe(true);
    await undo("two", "o/p/s/n");
    expect(await exists("/etc/sysctl.d/k8s.conf")).toBe(false);
  });

  it("lets the node's new name undo nothing of the old one's after it has applied", async () => {
    await apply("net", "o/p/s/old");
    expect((await apply("net", "o/p/s/new")).code).toBe(0);
    const late = await undo("net", "o/p/s/old");
    expect(late.code).toBe(0);
    expect(late.stderr).toContain("belongs to another owner");
    expect((await sandbox.toolkit(shell, ["undo", "--all", "--as", "o/p/s/old"])).code).toBe(0);
    expect(await running()).toBe("1");
    expect(await exists("/var/lib/nodeprep/format")).toBe(true);
  });

  it("refuses another stack by name unless it adopts the node", async () => {
    await apply("net", "o/p/prod/n");
    const refused = await apply("net", "o/p/dev/n");
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain("prepared by the stack o/p/prod");
    expect((await apply("net", "o/p/dev/n", undefined, "--adopt")).code).toBe(0);
    await undo("net", "o/p/prod/n");
    expect(await running()).toBe("1");
  });

  it("names what does not hold after it was applied, and keeps it on record for undo --all", async () => {
    const wrong = sysctl("net.ipv4.conf.all.rp_filter", "77 88");
    const result = await apply("net", "o/p/s/n", [forwardFile, forward, wrong]);
    expect(result.code).not.toBe(0);
    expect(result.stderr).toContain("net.ipv4.conf.all.rp_filter");
    expect((await sandbox.toolkit(shell, ["undo", "--all", "--as", "o/p/s/n"])).code).toBe(0);
    expect(await running()).toBe("0");
    expect(await exists("/var/lib/nodeprep")).toBe(false);
    expect(await exists("/usr/local/lib/nodeprep")).toBe(false);
  });

  it("says of what holds without being on record that it is not", async () => {
    await apply("test", "org/project/stack/node");
    expect(await sandbox.observe(shell, [forwardFile, forward])).toEqual([]);
    await sandbox.sh("rm -rf /var/lib/nodeprep");
    expect(await sandbox.observe(shell, [forwardFile, forward])).toEqual([
      expect.objectContaining({ state: "unrecorded", name: "file:/etc/sysctl.d/k8s.conf" }),
      expect.objectContaining({ state: "unrecorded", name: "sysctl:net.ipv4.ip_forward" }),
    ]);
  });

  it("lets nothing that it quotes of the node reach a terminal as it is", async () => {
    const target = `\\033]0;x\\007\\nnodeprep: done\\342\\200\\256${"x".repeat(400)}`;
    await sandbox.sh(`ln -s "$(printf '${target}')" /etc/sysctl.d/k8s.conf`);
    const [seen] = await sandbox.observe(shell, [forwardFile]);
    const { code, stderr } = await apply("net", "o/p/s/n", [forwardFile]);
    expect(code).toBe(0);
    expect(stderr).toContain("file /etc/sysctl.d/k8s.conf is a symbolic link to ?]0;x??nodeprep: done???xx");
    expect(stderr).toMatch(/^[\n -~]*$/);
    expect(stderr).not.toMatch(/^nodeprep: done/m);
    expect(seen?.phrase).toHaveLength(300);
    expect(seen?.phrase).toMatch(/^is a symbolic link to \?\]0;x\?\?nodeprep: done\?\?\?x+\.\.\.$/);
    expect(stderr).toContain(seen?.phrase);
  });

  it("cleans what it says in errors and warnings, too", async () => {
    await sandbox.sh("mkdir -p /var/lib/nodeprep/req; printf '9\\033[2J' > /var/lib/nodeprep/format");
    const { code, stderr } = await apply("net", "o/p/s/n");
    expect(code).toBe(1);
    expect(stderr).toContain("has format 9?[2J, this nodeprep knows 1");
  });

  it("refuses a record of a later format", async () => {
    await sandbox.sh("mkdir -p /var/lib/nodeprep/req; echo 99 > /var/lib/nodeprep/format");
    const result = await apply("net", "o/p/s/n");
    expect(result.code).toBe(1);
    expect(result.stderr).toContain("format 99");
    expect(await running()).toBe("0");
  });

  it("keeps a first state through any number of applies", async () => {
    await sandbox.sh("printf 'theirs\\n' > /etc/sysctl.d/k8s.conf");
    await apply("net", "o/p/s/n");
    await apply("net", "o/p/s/n", [file("/etc/sysctl.d/k8s.conf", "net.ipv4.ip_forward=1\n"), forward]);
    await undo("net", "o/p/s/n");
    expect(await sandbox.sh("cat /etc/sysctl.d/k8s.conf")).toBe("theirs\n");
  });

  it("captures anew what a run that was cut off before its capture was durable has found", async () => {
    const filter = "/proc/sys/net/ipv4/conf/all/rp_filter";
    const wanted = [
      file("/etc/sysctl.d/k8s.conf", "net.ipv4.conf.all.rp_filter = 1\n"),
      sysctl("net.ipv4.conf.all.rp_filter", "1"),
    ];
    await sandbox.sh(`echo 0 >${filter}`);
    await sandbox.applyCutOff(shell, wanted, "sync", 1);
    await sandbox.sh(`echo 2 >${filter}`);
    expect((await sandbox.apply(shell, wanted)).code).toBe(0);
    expect((await sandbox.undo(shell)).code).toBe(0);
    expect(await sandbox.sh(`cat ${filter}`)).toBe("2\n");
  });

  const undoAll = () => sandbox.toolkit(shell, ["undo", "--all", "--as", "org/project/stack/node"]);

  it.each([
    ["cut off in the middle of its capture", ""],
    ["that had no room left for it", "for r in /var/lib/nodeprep/req/*; do true >$r/owners; done"],
  ])("gives all back after a run %s", async (_, then) => {
    await sandbox.sh("printf 'theirs\\n' > /etc/sysctl.d/k8s.conf");
    await sandbox.applyCutOff(shell, [forwardFile, forward], "cp", 1);
    await sandbox.sh(then);
    const result = await undoAll();
    expect(result).toMatchObject({ code: 0, stderr: expect.not.stringContaining("warning") as unknown });
    expect(await sandbox.sh("cat /etc/sysctl.d/k8s.conf")).toBe("theirs\n");
    expect(await exists("/var/lib/nodeprep")).toBe(false);
  });

  it("takes nothing for damaged because a command that reads it was ended", async () => {
    await sandbox.sh("printf 'theirs\\n' > /etc/sysctl.d/k8s.conf");
    await sandbox.apply(shell, [forwardFile, forward]);
    const away = "/usr/local/sbin/sha256sum";
    await sandbox.sh(`printf '#!/bin/sh\nkill -9 $$\n' >${away}; chmod +x ${away}`);
    expect(await undoAll()).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("run again") as unknown,
    });
    await sandbox.sh(`rm ${away}`);
    expect((await undoAll()).code).toBe(0);
    expect(await sandbox.sh("cat /etc/sysctl.d/k8s.conf")).toBe("theirs\n");
  });

  it("takes what a stage states twice for one requirement", async () => {
    await sandbox.sh("echo 0 > /proc/sys/net/ipv4/ip_forward; rm -f /etc/sysctl.d/k8s.conf");
    expect((await apply("net", "o/p/s/n", [forwardFile, forward, forward, forwardFile])).code).toBe(0);
    expect((await undo("net", "o/p/s/n")).stderr).not.toContain("warning");
    expect([await running(), await exists("/etc/sysctl.d/k8s.conf")]).toEqual(["0", false]);
  });

  it("proves a stage that holds without a change to the record but its id", async () => {
    const parts = "find /var/lib/nodeprep -type f ! -name apply -printf '%p %i %T@\\n' | sort";
    await apply("net", "o/p/s/n");
    const before = await sandbox.sh(parts);
    expect((await apply("net", "o/p/s/n")).code).toBe(0);
    expect(await sandbox.sh(parts)).toBe(before);
  });

  it("names a line elsewhere that overrides ours at boot, takes it out, and puts it back", async () => {
    await sandbox.sh("printf '# keep\\nnet/ipv4/ip_forward=0\\n' > /etc/sysctl.d/zz.conf");
    await sandbox.sh(
      "mkdir -p /usr/lib/sysctl.d; printf 'net.ipv4.ip_forward = 0\\n' > /usr/lib/sysctl.d/zy.conf",
    );
    expect((await sandbox.observe(shell, [forward]))[0]?.phrase).toContain("is 0");
    expect((await apply("net", "o/p/s/n")).code).toBe(0);
    expect(await sandbox.sh("cat /etc/sysctl.d/zz.conf /etc/sysctl.d/zy.conf")).toBe(
      "# keep\n#nodeprep# net/ipv4/ip_forward=0\n#nodeprep# net.ipv4.ip_forward = 0\n",
    );
    await undo("net", "o/p/s/n");
    expect(await sandbox.sh("cat /etc/sysctl.d/zz.conf")).toBe("# keep\nnet/ipv4/ip_forward=0\n");
    expect(await exists("/etc/sysctl.d/zy.conf")).toBe(false);
  });

  it("leaves a value that somebody changed since", async () => {
    const set = [file("/etc/sysctl.d/k8s.conf", "net.ipv4.conf.all.rp_filter = 1\n")];
    await apply("net", "o/p/s/n", [...set, sysctl("net.ipv4.conf.all.rp_filter", "1")]);
    await sandbox.sh("echo 2 > /proc/sys/net/ipv4/conf/all/rp_filter");
    await undo("net", "o/p/s/n");
    expect(await sandbox.sh("cat /proc/sys/net/ipv4/conf/all/rp_filter")).toBe("2\n");
  });

  it("raises a minimum, and never lowers anything", async () => {
    const minimum = sysctl("net.core.somaxconn", "4000", { atLeast: true });
    await sandbox.sh("echo 128 > /proc/sys/net/core/somaxconn");
    expect((await apply("net", "o/p/s/n", [minimum])).code).toBe(0);
    expect(await sandbox.sh("cat /proc/sys/net/core/somaxconn")).toBe("4000\n");
    expect(await sandbox.sh("cat /etc/sysctl.d/00-nodeprep-minimums.conf")).toBe(
      "net.core.somaxconn = 4000\n",
    );
    await sandbox.sh("echo 9000 > /proc/sys/net/core/somaxconn");
    expect((await apply("net", "o/p/s/n", [minimum])).code).toBe(0);
    expect(await sandbox.sh("cat /proc/sys/net/core/somaxconn")).toBe("9000\n");
    await undo("net", "o/p/s/n");
    expect(await sandbox.sh("cat /proc/sys/net/core/somaxconn")).toBe("9000\n");
    expect(await exists("/etc/sysctl.d/00-nodeprep-minimums.conf")).toBe(false);
  });

  it("has a lock that nobody but root can hold", async () => {
    expect((await apply("net", "o/p/s/n")).code).toBe(0);
    const other = "setpriv --reuid=65534 --regid=65534 --clear-groups flock -n /run/nodeprep.lock true";
    expect(await sandbox.sh(`flock -n /run/nodeprep.lock true; ${other} 2>/dev/null || echo refused`)).toBe(
      "refused\n",
    );
  });

  it("waits for whoever holds the lock, and goes on when it is free", async () => {
    const holder = sandbox.sh(
      "flock /run/nodeprep.lock sh -c 'echo held > /run/held; while [ -e /run/held ]; do sleep 0.1; done'",
    );
    await sandbox.sh("until [ -e /run/held ]; do sleep 0.1; done");
    const waiting = apply("net", "o/p/s/n");
    await sandbox.sh("sleep 0.5; [ ! -e /var/lib/nodeprep ]");
    await sandbox.sh("rm /run/held");
    await holder;
    const result = await waiting;
    expect(result.stderr).toContain("waiting for the lock");
    expect(result.code).toBe(0);
  });
});
