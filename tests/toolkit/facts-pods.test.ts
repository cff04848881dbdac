import { endContainer, startContainer } from "./container-process";
import { Sandbox, shells, shellWords } from "./sandbox";

describe.each(shells)("signs of pods under %s", (shell) => {
  let sandbox: Sandbox;
  beforeEach(async () => {
    sandbox = await Sandbox.open();
  });
  afterEach(() => sandbox.close());

  /** Pods, containers, joined or alone, and the driver of their control groups. */
  async function pods(): Promise<readonly [string, number, string, string]> {
    const script = `${shellWords[shell].join(" ")} /run/facts-under-test.sh facts </dev/null`;
    const line = /^pods=(\S+) (\S+) (\S+) (\S+)$/m.exec(await sandbox.sh(script));
    const [, count = "0", containers = "0", joined = "alone", driver = "unknown"] = line ?? [];
    return [count, Number(containers), joined, driver];
  }

  it("are folders, credentials and control groups", async () => {
    await sandbox.sh("rm -rf /var/lib/kubelet /etc/kubernetes; umount /sys; mount -t tmpfs tmpfs /sys");
    expect(await pods()).toEqual(["0", expect.any(Number), "alone", "unknown"]);
    await sandbox.sh(
      `mkdir -p /var/lib/kubelet/pods/1 /var/lib/kubelet/pods/2 /etc/kubernetes /sys/fs/cgroup/kubepods
       echo x >/etc/kubernetes/kubelet.conf`,
    );
    expect(await pods()).toEqual(["2", expect.any(Number), "joined", "cgroupfs"]);
    await sandbox.sh("mv /sys/fs/cgroup/kubepods /sys/fs/cgroup/kubepods.slice");
    expect(await pods()).toEqual(["2", expect.any(Number), "joined", "systemd"]);
  });

  it("are not slices that were left when the driver changed", async () => {
    await sandbox.sh(
      `umount /sys; mount -t tmpfs tmpfs /sys
       mkdir -p /var/lib/kubelet/pods/1 /sys/fs/cgroup/kubepods/burstable /sys/fs/cgroup/kubepods.slice/kubepods-burstable.slice`,
    );
    expect((await pods())[3]).toBe("cgroupfs");
    await sandbox.sh(
      "mkdir /sys/fs/cgroup/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod1.slice",
    );
    expect((await pods())[3]).toBe("systemd");
  });

  it("are process namespaces, which containers have of whatever runtime", async () => {
    const [, before] = await pods();
    const child = await startContainer(sandbox);
    const [, after] = await pods();
    await endContainer(sandbox, child);
    expect(after).toBeGreaterThan(before);
  });
});
