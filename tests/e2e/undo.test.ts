import { bareFingerprint } from "./support/bare-fingerprint";
import { bareMachine, leave, type TestMachine } from "./support/machine";
import { clusterConfig } from "./support/config";
import { compare, fingerprint } from "./support/fingerprint";
import { preparedCluster, type PreparedCluster } from "./support/prepared-cluster";
import { Stack } from "./support/stack";

/** The networks that may reach a control plane in these tests. The operator comes from another one, 10.0.2.0/24. */
const admins = "192.0.2.0/24";

/** What a control plane node answers in its running and in its permanent rules: what opens, and to whom. */
const limitedRules = [
  ...["2379-2380", "6443", "10250", "10257", "10259"].map((ports) => ({ ports, from: admins })),
  { ports: "22", from: "10.0.2.0/24" },
]
  .map(
    ({ ports, from }) =>
      `rule family="ipv4" source address="${from}" port port="${ports}" protocol="tcp" accept`,
  )
  .sort();

/** The zone's own rules of one side, from one answer: each firewall-cmd takes an emulated machine five seconds. */
async function rulesOf(machine: TestMachine, side: "" | "--permanent") {
  const text = await machine.sh(`firewall-cmd ${side} --zone=public --list-all`);
  const words = (what: string) =>
    (new RegExp(`^  ${what}:(.*)$`, "m").exec(text)?.[1] ?? "none are said")
      .trim()
      .split(" ")
      .sort()
      .join(" ");
  const [, rich = ""] = text.split(/^  rich rules:/m);
  return {
    rich: rich
      .split("\n")
      .flatMap((line) => line.trim() || [])
      .sort(),
    ports: words("ports"),
    services: words("services"),
    protocols: words("protocols"),
    interfaces: words("interfaces"),
  };
}

describe("what leaves the program", () => {
  let cluster: PreparedCluster;
  beforeAll(async () => {
    cluster = await preparedCluster();
  });
  afterAll(() => cluster.stop());

  const config = (overrides: Record<string, unknown>, role: "worker" | "control-plane" = "worker") =>
    clusterConfig({ "node-0": { machine: cluster.machine, role } }, overrides);

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

  it("leaves the node: the role, rules for some networks, another CNI plugin's protocol, sudo", async () => {
    const { machine, stack } = cluster;
    const before = [await rulesOf(machine, ""), await rulesOf(machine, "--permanent")];
    const firewall = { sshSources: ["10.0.2.0/24"], controlPlaneSources: [admins] };
    await stack.configure(
      config(
        {
          cni: { type: "calico" },
          firewall,
          admin: { name: "kube", authorizedKeys: [machine.publicKey], sudo: true },
        },
        "control-plane",
      ),
    );
    // The node stays the one that it is: nothing is made anew, or undone.
    const { changes } = await stack.preview();
    expect(changes).toContain("node-0-firewall: update");
    expect(changes.filter((change) => !change.endsWith(": update"))).toEqual([]);
    await stack.up();
    for (const side of ["", "--permanent"] as const) {
      const rules = await rulesOf(machine, side);
      expect(rules).toEqual({
        rich: limitedRules,
        ports: "179/tcp 4789/udp 5473/tcp",
        services: "dhcpv6-client",
        protocols: expect.stringMatching(/^(4|ipencap)$/) as unknown,
        interfaces: expect.stringMatching(/(^| )cali\+( |$)/) as unknown,
      });
    }
    await machine.freshLogin();
    expect(await machine.sh("su kube -c 'sudo -n id -un'; stat -c %a /etc/sudoers.d/nodeprep-kube")).toBe(
      "root\n440\n",
    );
    expect((await stack.outputs())["nodes"]).toMatchObject({ "node-0": { role: "control-plane" } });
    await stack.expectNoChanges();

    await stack.configure(config({}));
    await stack.up();
    await stack.expectNoChanges();
    // SSH too, by the service that opened it before.
    expect([await rulesOf(machine, ""), await rulesOf(machine, "--permanent")]).toEqual(before);
    expect(await machine.sh("su kube -c 'sudo -n id -un' 2>&1 || :; ls -A /etc/sudoers.d")).not.toMatch(
      /^root|nodeprep/m,
    );
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
    expect(stdout + stderr).toMatch(/the toolkit \S+ is gone, or cut short: run pulumi up, then this again/);
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
  let found: string;
  beforeAll(async () => {
    machine = await bareMachine();
    found = await bareFingerprint(machine);
  });
  afterAll(() => leave(stack, machine));

  it("says why, and destroy still gives the machine back as it was found, for a user with sudo -n", async () => {
    stack = await Stack.create(
      clusterConfig(
        { "node-0": { machine, role: "worker", user: "ops" } },
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
});
