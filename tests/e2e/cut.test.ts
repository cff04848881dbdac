import { toStderr, waitFor } from "../../lab/progress";
import type { RunResult } from "../../offline/process";
import { bareFingerprint } from "./support/bare-fingerprint";
import { clusterConfig } from "./support/config";
import { compare, fingerprint } from "./support/fingerprint";
import { preparedCluster, type PreparedCluster } from "./support/prepared-cluster";
import { kill, ours } from "./support/processes";

/*
 * An update that is cut off, through the engine: the CLI killed, the provider killed, the SSH session cut while packages
 * are being installed, the power gone meanwhile, a bad network. Afterwards an update completes it, and the preview is
 * empty; at the end, destroy gives the machine back as it was found. On the machine, dpkg and the toolkit's lock are
 * gates at which the test holds a run. (That undo gives back what was found, whatever the command at which a run was cut,
 * is tests/toolkit/cut.test.ts.)
 */
describe("an update that is cut off", () => {
  let cluster: PreparedCluster;
  let found: string;
  beforeAll(async () => {
    // The prepared machine is kept from after its first update, which began with this one.
    found = await bareFingerprint();
    cluster = await preparedCluster();
    // dpkg unpacks, then configures; after each it waits for as long as there is a file /run/hold.
    await sh(`
      cat >/root/hold <<'END'
[ ! -e /run/hold ] || : >/run/held
while [ -e /run/hold ]; do sleep 1; done
END
      echo 'post-invoke=sh /root/hold' >/etc/dpkg/dpkg.cfg.d/hold`);
  });
  afterAll(() => cluster.stop());

  const sh = (script: string) => cluster.machine.sh(script);
  const until = (what: string, look: () => Promise<boolean> | boolean, limit = 240) =>
    waitFor(async () => ((await look()) ? true : undefined), { what, limit, say: toStderr, every: 1000 });
  const on = (what: string, script: string) =>
    until(what, async () => (await sh(`${script} && echo yes || :`)) === "yes\n");
  const said = ({ stdout, stderr }: RunResult) => stdout + stderr;

  /** A package is missing: repairing that takes a while. */
  const removePackage = () =>
    sh(`dpkg --force-depends --remove containerd >/dev/null 2>&1
      [ "$(dpkg-query -W -f '\${db:Status-Status}' containerd)" = config-files ]
      rm -f /run/held; : >/run/hold`);
  const unpacked = () => on("dpkg has unpacked", "[ -e /run/held ]");
  const release = () => sh("rm -f /run/hold");
  const nothingRunsHere = () =>
    until("program and provider to end", () => ours(cluster.stack.folder).length === 0, 30);
  const cliIsKilled = async (begun: Promise<RunResult>): Promise<void> => {
    kill(cluster.stack.folder, "pulumi");
    expect((await begun).code).not.toBe(0);
    await nothingRunsHere();
  };
  /** The stack's lock goes, and what still runs on the node comes to its end. */
  const letGo = async (verb: "apply" | "undo"): Promise<void> => {
    await cluster.stack.must(["cancel", "--yes"]);
    await release();
    await on("the run on the node ends", `! pgrep -f 'nodeprep.sh ${verb}' >/dev/null`);
  };
  const drift = () => sh("sysctl -qw net.ipv4.ip_forward=0");
  /** Somebody else holds the toolkit's lock, and a sysctl has drifted. */
  const holdLock = async (): Promise<void> => {
    await sh(`: >/run/hold
      setsid -f flock /run/nodeprep.lock sh -c 'while [ -e /run/hold ]; do sleep 1; done' >/dev/null 2>&1 </dev/null`);
    await drift();
  };
  const waits = () => on("an apply waits for the lock", "pgrep -f 'nodeprep.sh apply' >/dev/null");
  const completes = async (): Promise<void> => {
    await cluster.stack.up();
    await cluster.stack.expectNoChanges();
    expect(
      await sh("sysctl -n net.ipv4.ip_forward; systemctl is-active containerd firewalld; dpkg --audit"),
    ).toBe("1\nactive\nactive\n");
  };

  it("whose CLI is killed leaves nothing running, is named by the next one, and can be cancelled", async () => {
    await removePackage();
    const update = cluster.stack.tryUp();
    await unpacked();
    await cliIsKilled(update);
    const locked = await cluster.stack.tryUp();
    expect(locked.code).not.toBe(0);
    expect(said(locked)).toMatch(/currently locked by 1 lock.*pulumi cancel/s);
    await letGo("apply");
  });

  it("whose provider is killed fails and names the stage; the next one goes on", async () => {
    await holdLock();
    const update = cluster.stack.tryUp();
    await waits();
    kill(cluster.stack.folder, "pulumi-resource-command");
    const failed = await update;
    expect(failed.code).not.toBe(0);
    expect(said(failed)).toMatch(/node-0-kernel-prereqs/);
    await nothingRunsHere();
    await release();
    await completes();
  });

  it("by a lost session while packages are installed: the next one begins at once, and waits for what still runs", async () => {
    await removePackage();
    const update = cluster.stack.tryUp();
    await unpacked();
    // The server's process of that session, as a network that forgets the connection would have it.
    await sh("kill -9 $(ps -o ppid= -p $(pgrep -of 'nodeprep.sh apply'))");
    expect((await update).code).not.toBe(0);
    const next = cluster.stack.tryUp();
    await on("two runs of the toolkit", "[ $(pgrep -fc '^sh .*/nodeprep.sh apply') -ge 2 ]");
    await release();
    const { code, stdout, stderr } = await next;
    expect({ code, text: code === 0 ? "" : stdout + stderr }).toEqual({ code: 0, text: "" });
    await cluster.stack.expectNoChanges();
  });

  it("by a power cut while packages are installed: the next one goes on when the machine is back", async () => {
    const { machine, stack } = cluster;
    await removePackage();
    const update = stack.tryUp();
    await unpacked();
    await machine.powerCut();
    await machine.powerOn();
    await machine.waitForSsh();
    expect((await update).code).not.toBe(0);
    expect(await sh("dpkg --audit")).toContain("containerd");
    await completes();
  });

  it("by nothing: 100 ms of latency, 5 ms of jitter, 1 % loss, a clock that is a day behind", async () => {
    const { stack } = cluster;
    await sh("tc qdisc add dev eth0 root netem delay 100ms 5ms loss 1%; date -s '-1 day' >/dev/null");
    await drift();
    const { warnings } = await stack.preview();
    expect(warnings.join("\n")).toMatch(/node-0.* its clock is 86[34]\d\d s behind this machine's; /);
    await completes();
    await sh("tc qdisc del dev eth0 root");
  });

  it("refuses clones: each names the other, and neither is touched until one is gone", async () => {
    const { machine, stack } = cluster;
    const node = { machine, role: "worker" } as const;
    const nodes = { "node-0": node, "node-1": { ...node, host: "localhost" } };
    // The next update would bring the toolkit first.
    await sh("rm /usr/local/lib/nodeprep/nodeprep.sh");
    await drift();
    const state = () =>
      sh(
        "sysctl net.ipv4.ip_forward; ls /run /usr/local/lib/nodeprep; find /var/lib/nodeprep -type f | sort | xargs sha256sum",
      );
    const before = await state();
    await stack.configure(clusterConfig(nodes));
    const refused = await stack.tryUp();
    expect(refused.code).not.toBe(0);
    for (const [one, other] of [Object.keys(nodes), Object.keys(nodes).reverse()])
      expect(said(refused)).toMatch(
        new RegExp(
          `${one} is refused and is left alone: .*the same machine-id as ${other} \\([0-9a-f]{32}\\)`,
        ),
      );
    expect(await state()).toBe(before);
    await stack.configure(clusterConfig({ "node-0": node }));
    await completes();
  });

  it("and its state lost: the next one finds all of it on the machine", async () => {
    const { stack } = cluster;
    await stack.must(["state", "delete", "--all", "--force", "--yes"]);
    // Not by what is newer than now: the clock was put back a day.
    const look = () => sh("find /etc /usr/local/lib/nodeprep -printf '%p %T@\\n'");
    const before = await look();
    await stack.up();
    expect(await look()).toBe(before);
    await stack.expectNoChanges();
  });

  it("or a destroy that is, of whose state nothing was written: the next one goes on", async () => {
    const { stack } = cluster;
    const begun = stack.tryDestroy({ PULUMI_SKIP_CHECKPOINTS: "true", PULUMI_EXPERIMENTAL: "true" });
    await on("containerd is gone", "! dpkg-query -W containerd >/dev/null 2>&1");
    await sh("rm -f /run/held; : >/run/hold");
    await on("dpkg has removed firewalld", "[ -e /run/held ]");
    await cliIsKilled(begun);
    await letGo("undo");
    expect(await stack.state()).toContain("::node-0-container-runtime");
  });

  it("and completed leaves a machine that destroy gives back as it was found", async () => {
    const { machine, stack } = cluster;
    // The test's own: the gate in dpkg, and the module that the bad network came from.
    await sh("rm /etc/dpkg/dpkg.cfg.d/hold /root/hold; modprobe -qr sch_netem || :");
    await stack.destroy();
    expect(compare(found, await fingerprint(machine))).toEqual([]);
  });
});
