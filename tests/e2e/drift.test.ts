import { preparedCluster, type PreparedCluster } from "./support/prepared-cluster";

describe("drift through the engine", () => {
  let cluster: PreparedCluster;
  beforeAll(async () => {
    cluster = await preparedCluster();
  });
  afterAll(() => cluster.stop());

  it("previews a batch as exactly that, in the stages concerned, and repairs it", async () => {
    const { machine, stack } = cluster;
    await machine.sh(
      "sysctl -qw net.ipv4.ip_forward=0; swapon /dev/vdb; chmod 600 /etc/modules-load.d/k8s.conf",
    );
    const preview = await stack.preview();
    expect(preview.changes).toEqual(["node-0-kernel-prereqs: update", "node-0-swap: update"]);
    const drift = preview.warnings.filter((text) => text.startsWith("node-0: "));
    expect(drift).toHaveLength(3);
    expect(drift).toContainEqual(expect.stringContaining("sysctl:net.ipv4.ip_forward is 0, must be 1"));
    const before = await machine.sh("systemctl show -P ActiveEnterTimestamp containerd");
    await stack.up();
    await stack.expectNoChanges();
    expect(await machine.sh("systemctl show -P ActiveEnterTimestamp containerd")).toBe(before);
  });

  it("sees the same tampering again", async () => {
    const { machine, stack } = cluster;
    for (const round of [1, 2]) {
      await machine.sh("sysctl -qw net.ipv4.ip_forward=0");
      expect({ round, changes: (await stack.preview()).changes }).toEqual({
        round,
        changes: ["node-0-kernel-prereqs: update"],
      });
      await stack.up();
      expect(await machine.sh("sysctl -n net.ipv4.ip_forward")).toBe("1\n");
    }
  });

  it("restarts a service whose file it repaired", async () => {
    const { machine, stack } = cluster;
    const before = await machine.sh("systemctl show -P ActiveEnterTimestamp containerd");
    await machine.sh("echo '# theirs' >> /etc/containerd/config.toml");
    const diff = await stack.diff();
    expect(diff.match(/node-0-\S+(?=\n.*\[provider)/g)).toEqual(["node-0-container-runtime]"]);
    // What the node says of itself is known, and no change of the outputs hides what drifted.
    expect(diff).not.toContain("outputs:");
    await stack.up();
    expect(await machine.sh("systemctl show -P ActiveEnterTimestamp containerd")).not.toBe(before);
    await stack.expectNoChanges();
  });

  it("sees the toolkit deleted, and puts it back", async () => {
    const { machine, stack } = cluster;
    await machine.sh("rm -rf /usr/local/lib/nodeprep");
    expect((await stack.preview()).changes).toEqual(["node-0-toolkit: update"]);
    await stack.up();
    await stack.expectNoChanges();
  });

  it("refuses an immutable file in words", async () => {
    const { machine, stack } = cluster;
    await machine.sh("echo x >> /etc/modules-load.d/k8s.conf; chattr +i /etc/modules-load.d/k8s.conf");
    const outputs = await stack.outputs();
    const failed = await stack.tryUp();
    expect(failed.code).not.toBe(0);
    expect(await stack.outputs()).toEqual(outputs);
    expect(failed.stdout + failed.stderr).toMatch(/immutable.*chattr -i/s);
    await machine.sh("chattr -i /etc/modules-load.d/k8s.conf");
    await stack.up();
    await stack.expectNoChanges();
  });

  it("previews without changing any file", async () => {
    const { machine, stack } = cluster;
    const look =
      "find /etc /var/lib /usr /root -xdev -printf '%p %T@ %C@\\n' | grep -v -e /var/lib/systemd/ -e /var/lib/private | sort | sha256sum";
    const before = await machine.sh(look);
    await stack.preview();
    expect(await machine.sh(look)).toBe(before);
  });

  it("sees the record deleted, and records anew", async () => {
    const { machine, stack } = cluster;
    await machine.sh("rm -rf /var/lib/nodeprep");
    const preview = await stack.preview();
    expect(preview.changes).toContain("node-0-kernel-prereqs: update");
    expect(preview.text).toContain("on record");
    await stack.up();
    await stack.expectNoChanges();
  });
});
