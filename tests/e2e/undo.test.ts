import { bareMachine, leave, type TestMachine } from "./support/machine";
import { clusterConfig } from "./support/config";
import { compare, fingerprint } from "./support/fingerprint";
import { preparedCluster, type PreparedCluster } from "./support/prepared-cluster";
import { Stack } from "./support/stack";

describe("what leaves the program", () => {
  let cluster: PreparedCluster;
  beforeAll(async () => {
    cluster = await preparedCluster();
  });
  afterAll(() => cluster.stop());

  const config = (overrides: Record<string, unknown>) =>
    clusterConfig({ "node-0": { machine: cluster.machine, role: "worker" } }, overrides);

  it("leaves the node: a port, a sysctl, a module, and nothing else", async () => {
    const { machine, stack } = cluster;
    const before = await fingerprint(machine);
    await stack.configure(
      config({
        kernel: { modules: ["dummy"], sysctls: { "net.ipv4.tcp_keepalive_time": "600" } },
        firewall: { extraPorts: ["8443/tcp"], confirmWithin: 300 },
      }),
    );
    await stack.up();
    expect(
      await machine.sh(
        "sysctl -n net.ipv4.tcp_keepalive_time; ls -d /sys/module/dummy; firewall-cmd --zone=public --query-port 8443/tcp; firewall-cmd --permanent --zone=public --query-port 8443/tcp",
      ),
    ).toBe("600\n/sys/module/dummy\nyes\nyes\n");
    await stack.configure(config({}));
    await stack.up();
    await stack.expectNoChanges();
    // The record has another apply's id; firewalld keeps a zone's version before its last change.
    const kept = /\/nodeprep\/|etc\/firewalld\/zones\/\w+\.xml\.old$/;
    const differences = compare(before, await fingerprint(machine)).filter((line) => !kept.test(line));
    expect(differences.filter((line) => !/var\/lib\/nodeprep/.test(line))).toEqual([]);
  });

  it("leaves the node: a whole stage", async () => {
    const { machine, stack } = cluster;
    await stack.configure(config({ swap: "untouched" }));
    await stack.up();
    expect(await machine.sh("grep -c '^/dev/vdb' /etc/fstab; tail -n +2 /proc/swaps | wc -l")).toBe("1\n1\n");
    await stack.expectNoChanges();
  });

  it("survives that the node is renamed", async () => {
    const { machine, stack } = cluster;
    await stack.configure(clusterConfig({ renamed: { machine, role: "worker" } }));
    await stack.up();
    expect(await machine.sh("sysctl -n net.ipv4.ip_forward; systemctl is-active containerd firewalld")).toBe(
      "1\nactive\nactive\n",
    );
    await stack.expectNoChanges();
  });

  it("does not end as if it had been undone where the toolkit is gone", async () => {
    const { machine, stack } = cluster;
    await machine.sh("rm -r /usr/local/lib/nodeprep");
    const { code, stdout, stderr } = await stack.tryDestroy();
    expect(code).not.toBe(0);
    expect(stdout + stderr).toMatch(
      /the toolkit is gone from this node, or cut short: run pulumi up, then this again/,
    );
    await stack.up();
    await stack.expectNoChanges();
  });

  it("keeps what people changed in the meantime", async () => {
    const { machine, stack } = cluster;
    await machine.sh(`
      echo '192.0.2.1:/x /mnt nfs noauto 0 0' >> /etc/fstab
      echo mine > /home/kube/notes
      echo 'vm.swappiness = 7' > /etc/sysctl.d/50-mine.conf
    `);
    await stack.destroy();
    expect(
      await machine.sh(
        "grep -c 192.0.2.1 /etc/fstab; cat /home/kube/notes /etc/sysctl.d/50-mine.conf; ls -d /var/lib/nodeprep /usr/local/lib/nodeprep 2>/dev/null | wc -l",
      ),
    ).toBe("1\nmine\nvm.swappiness = 7\n0\n");
  });
});

describe("a first update that fails", () => {
  let machine: TestMachine;
  let stack: Stack | undefined;
  beforeAll(async () => {
    machine = await bareMachine();
  });
  afterAll(() => leave(stack, machine));

  it("says why, and destroy still gives the machine back as it was found", async () => {
    const found = await fingerprint(machine);
    stack = await Stack.create(
      clusterConfig(
        { "node-0": { machine, role: "worker" } },
        { firewall: { backend: "none" }, runtime: { type: "containerd", version: "99.99.99-1" } },
      ),
    );
    const failed = await stack.tryUp();
    expect(failed.code).not.toBe(0);
    expect(failed.stdout + failed.stderr).toMatch(/containerd.*99\.99\.99-1/s);
    await stack.destroy();
    expect(compare(found, await fingerprint(machine))).toEqual([]);
  });

  it("asks nothing of a user without sudo but says what to do", async () => {
    const found = await fingerprint(machine);
    await stack?.remove();
    stack = await Stack.create(
      clusterConfig(
        { "node-0": { machine, role: "worker", user: "plain" } },
        { firewall: { backend: "none" } },
      ),
    );
    const failed = await stack.tryUp();
    expect(failed.code).not.toBe(0);
    expect(failed.stdout + failed.stderr).toMatch(/sudo -n.*NOPASSWD/s);
    expect(compare(found, await fingerprint(machine))).toEqual([]);
  });

  it("works the same for a user with sudo -n", async () => {
    const found = await fingerprint(machine);
    await stack?.remove();
    stack = await Stack.create(
      clusterConfig(
        { "node-0": { machine, role: "worker", user: "ops" } },
        { firewall: { backend: "none" }, runtime: { type: "containerd" }, hostNames: "managed" },
      ),
    );
    await stack.up();
    await stack.expectNoChanges();
    expect(await machine.sh("uname -n; cat /etc/hostname; getent hosts node-0")).toMatch(
      /^node-0\nnode-0\n127\.0\.1\.1 +node-0\n$/,
    );
    expect(await machine.sh("sysctl -n net.ipv4.ip_forward; systemctl is-active containerd")).toBe(
      "1\nactive\n",
    );
    await stack.destroy();
    expect(compare(found, await fingerprint(machine))).toEqual([]);
  });
});
