import { toStderr, waitFor } from "../../lab/progress";
import { clusterConfig } from "./support/config";
import { preparedCluster, type PreparedCluster } from "./support/prepared-cluster";
import { kill } from "./support/processes";

/** What sshd says at port 2222 to another machine on a network of its own; nothing where that does not get through. */
const greeting = String.raw`
set -e
ip netns add elsewhere
ip link add to-elsewhere type veth peer name eth0 netns elsewhere
ip addr add 198.51.100.1/24 dev to-elsewhere
ip link set to-elsewhere up
ip -n elsewhere addr add 198.51.100.2/24 dev eth0
ip -n elsewhere link set eth0 up
ip netns exec elsewhere timeout 20 bash -c 'exec 3<>/dev/tcp/198.51.100.1/2222 && head -c 5 <&3' 2>/dev/null || :
ip netns del elsewhere
`;

/*
 * Rules that shut the operator out: `sshSources` without the network that the operator comes from. What the test looks
 * at goes through a connection from before, which such rules do not cut.
 */
describe("an operator who is shut out", () => {
  let cluster: PreparedCluster;
  beforeAll(async () => {
    cluster = await preparedCluster();
  });
  afterAll(() => cluster.stop());

  const config = (firewall: Record<string, unknown>) =>
    clusterConfig({ "node-0": { machine: cluster.machine, role: "worker" } }, { firewall });
  const shutOut = (confirmWithin: number) => config({ sshSources: ["192.0.2.0/24"], confirmWithin });
  const permanent = () => cluster.machine.sh("find /etc/firewalld -type f -exec sha256sum {} + | sort");
  const letsIn = () =>
    cluster.machine.freshLogin().then(
      () => true,
      () => false,
    );
  const until = (open: boolean, limit: number) =>
    waitFor(async () => ((await letsIn()) === open ? true : undefined), {
      what: `the machine ${open ? "lets people in" : "refuses a login"}`,
      limit,
      say: toStderr,
      // A login keeps an emulated machine busy for two seconds, in which it gets no further with what is waited for.
      every: 4000,
    });

  it("is let in again when the time for confirming is over; nothing permanent has changed", async () => {
    const { stack } = cluster;
    const before = await permanent();
    await stack.configure(shutOut(90));
    const update = stack.tryUp();
    await until(false, 300);
    const { code, stdout, stderr } = await update;
    expect(code).not.toBe(0);
    // The provider's dials end within 46 s; where a busy engine begins them late, the node says that the time is over.
    expect(stdout + stderr).toMatch(
      /firewall-confirm.*(after 2 failed attempts: |were not confirmed within 90 s \(firewall\.confirmWithin\))/s,
    );
    await until(true, 300);
    expect(await permanent()).toBe(before);
  });

  it("sees in the preview that the rules were not confirmed, and goes on with others", async () => {
    const { machine, stack } = cluster;
    const preview = await stack.preview();
    expect(preview.changes).toContain("node-0-firewall: update");
    await stack.configure(config({ confirmWithin: 300 }));
    await stack.up();
    await stack.expectNoChanges();
    const timers = ["", "-2"].map((end) => `nodeprep-firewall-rollback${end}.timer`);
    expect(await machine.sh(`systemctl is-active ${timers.join(" ")} || :`)).toBe("inactive\ninactive\n");
  });

  it("is let in again after a power cut within the time for confirming", async () => {
    const { machine, stack } = cluster;
    const before = await permanent();
    await stack.configure(shutOut(3000));
    const update = stack.tryUp();
    await until(false, 300);
    await machine.powerCut();
    await machine.powerOn();
    await machine.waitForSsh();
    expect((await update).code).not.toBe(0);
    expect(await permanent()).toBe(before);
    await stack.configure(config({ confirmWithin: 300 }));
    await stack.up();
    await stack.expectNoChanges();
  });

  it("gets in at the port that sshd was moved to, which closes again when sshd leaves it", async () => {
    const { machine, stack } = cluster;
    const listenOn = (...ports: readonly number[]) =>
      machine.sh(
        `printf 'Port %s\\n' ${ports.join(" ")} >/etc/ssh/sshd_config.d/port.conf; systemctl restart ssh`,
      );
    await listenOn(22, 2222);
    expect(await machine.sh(greeting)).toBe("");
    await stack.up();
    expect(await machine.sh(greeting)).toBe("SSH-2");
    await stack.expectNoChanges();
    await listenOn(22);
    await stack.up();
    const query =
      "for p in '' --permanent; do firewall-cmd $p --zone=public --query-port=2222/tcp; done || :";
    expect(await machine.sh(query)).toBe("no\nno\n");
    await stack.expectNoChanges();
  });

  it("whose connections come in through another zone than the default gets the rules there", async () => {
    const { machine, stack } = cluster;
    await machine.sh(
      "for p in '' --permanent; do firewall-cmd -q $p --zone=internal --change-interface=eth0; done",
    );
    expect((await stack.preview()).changes).toContain("node-0-firewall: update");
    await stack.up();
    await machine.freshLogin();
    // One answer a side for both zones: each firewall-cmd takes an emulated machine five seconds.
    const zones = `for p in '' --permanent; do firewall-cmd $p --list-all-zones |
      awk '/^[^ \t]/ { zone = $1 } zone ~ /^(internal|public)$/ && $1 == "ports:" { print zone, (/ 10250\\/tcp/ ? "open" : "closed") }'; done`;
    expect(await machine.sh(zones)).toBe("internal open\npublic closed\n".repeat(2));
    await stack.expectNoChanges();
  });

  it("has the rules back where an undo is cut off and nothing confirms it; it is completed by the next", async () => {
    const { machine, stack } = cluster;
    await stack.configure(config({ confirmWithin: 90 }));
    await stack.up();
    const running = () => machine.sh("firewall-cmd --state 2>&1; firewall-cmd --list-all-zones 2>&1 || :");
    const found = { running: await running(), permanent: await permanent() };
    const is = (what: string, look: () => Promise<boolean>) =>
      waitFor(async () => ((await look()) ? true : undefined), {
        what,
        limit: 300,
        say: toStderr,
        every: 1000,
      });
    await stack.configure(config({ backend: "none" }));
    const update = stack.tryUp();
    // firewall-cmd would take longer to say so than the next stage takes to begin.
    const state = () => machine.sh("systemctl is-active firewalld || :");
    await is("the undo stops firewalld", async () => (await state()) !== "active\n");
    kill(stack.folder, "pulumi");
    expect((await update).code).not.toBe(0);
    // Asking firewalld itself takes ten seconds, and it does not run before the time for confirming is over.
    await is("firewalld runs again", async () => (await state()) === "active\n");
    await is("the rules are back", async () => (await running()) === found.running);
    expect(await permanent()).toBe(found.permanent);

    await stack.must(["cancel", "--yes"]);
    const next = await stack.tryUp();
    // It says so, where the next stage was about to confirm it when it was cut off.
    if (next.code !== 0) {
      expect(next.stdout + next.stderr).toMatch(/the undo of the firewall was not confirmed within 90 s/);
      await stack.up();
    }
    await stack.expectNoChanges();
    // What stays is what a person wrote in the test before: the interface in a zone of their choice.
    expect(
      await machine.sh(
        "cd /etc/firewalld && find . -type f ! -name '*.old' && grep -r --include='*.xml' '<interface ' .",
      ),
    ).toBe('./zones/internal.xml\n./zones/internal.xml:  <interface name="eth0"/>\n');
    const rest = "ls /usr/sbin/firewalld 2>/dev/null; ! command -v nft >/dev/null || nft list tables";
    expect(await machine.sh(rest)).toBe("");
  });
});
