import { toStderr, waitFor } from "../../lab/progress";
import { clusterConfig } from "./support/config";
import { preparedCluster, type PreparedCluster } from "./support/prepared-cluster";

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
      every: 1000,
    });

  it("is let in again when the time for confirming is over; nothing permanent has changed", async () => {
    const { stack } = cluster;
    const before = await permanent();
    await stack.configure(shutOut(90));
    const update = stack.tryUp();
    await until(false, 300);
    const { code, stdout, stderr } = await update;
    expect(code).not.toBe(0);
    expect(stdout + stderr).toMatch(/firewall-confirm/);
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
    expect(await machine.sh("systemctl is-active nodeprep-firewall-rollback.timer || :")).toBe("inactive\n");
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

  it("whose connections come in through another zone than the default gets the rules there", async () => {
    const { machine, stack } = cluster;
    await machine.sh(
      "for p in '' --permanent; do firewall-cmd -q $p --zone=internal --change-interface=eth0; done",
    );
    expect((await stack.preview()).changes).toContain("node-0-firewall: update");
    await stack.up();
    await machine.freshLogin();
    const ports = (zone: string) =>
      `for p in '' --permanent; do firewall-cmd $p --zone=${zone} --query-port=10250/tcp; done || :`;
    expect(await machine.sh(`${ports("internal")}; ${ports("public")}`)).toBe("yes\nyes\nno\nno\n");
    await stack.expectNoChanges();
  });
});
