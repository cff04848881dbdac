import { inspect } from "node:util";
import { cluster, config, ed25519, node, sources } from "./fixtures";

describe("a small configuration", () => {
  test("gets every default", () => {
    expect(cluster(config())).toEqual({
      name: "dev",
      kubernetesVersion: "1.34.2",
      podCidrs: ["10.200.0.0/16"],
      serviceCidrs: ["10.32.0.0/24"],
      maxConnections: 10,
      kernel: { modules: [], sysctls: {}, modulesFile: "k8s.conf", sysctlFile: "k8s.conf" },
      hostNames: "untouched",
      swap: "disabled",
      selinux: "permissive",
      firewall: {
        backend: "firewalld",
        zone: "auto",
        extraPorts: [],
        sshSources: [],
        controlPlaneSources: [],
        confirmWithin: 300,
      },
      cni: { type: "bridge", plugins: "none", binDir: "/opt/cni/bin", confDir: "/etc/cni/net.d" },
      runtime: {
        type: "containerd",
        source: "distribution",
        cgroupDriver: "systemd",
        sandboxImage: "registry.k8s.io/pause:3.10.1",
        registryMirrors: {},
      },
      kubeadm: { generateJoinToken: false, caCertHashes: [] },
      nodes: [
        {
          name: "node-1",
          role: "worker",
          connection: {
            host: "192.0.2.10",
            port: 22,
            user: "root",
            hostKey: ed25519,
            auth: { method: "agent", socket: "/run/agent" },
            dialTimeout: 15,
          },
          podSubnets: [],
          secrets: {},
          retire: "undo",
          adopt: false,
          allowCgroupDriverChange: false,
          undoWithPods: false,
        },
      ],
    });
  });

  test("a key without a value counts as absent", () => {
    const empty = {
      podCidr: null,
      admin: null,
      kernel: null,
      firewall: null,
      runtime: { version: null, sandboxImage: null },
    };
    expect(cluster(config(empty))).toEqual(cluster(config()));
  });

  test.each([
    ["1.26.3", "3.9"],
    ["1.30.0", "3.9"],
    ["1.31.0", "3.10"],
    ["1.33.9", "3.10"],
    ["1.34.0", "3.10.1"],
    ["1.35.1", "3.10.1"],
    ["1.36.0-rc.1", "3.10.2"],
    ["1.99.0", "3.10.2"],
  ])("Kubernetes %s starts pods with pause %s", (kubernetesVersion, pause) => {
    expect(cluster(config({ kubernetesVersion })).runtime.sandboxImage).toBe(
      `registry.k8s.io/pause:${pause}`,
    );
  });
});

describe("canonical forms", () => {
  test("CIDRs, keys, sysctls and repetitions", () => {
    const spec = cluster(
      config({
        podCidr: "10.200.0.0/16, FD00:0:0:1::/64",
        serviceCidr: ["10.32.0.0/24"],
        kernel: {
          modules: ["ip_vs", "ip_vs"],
          sysctls: { "net.ipv4.tcp_rmem": " 4096\t131072  6291456", "vm.swappiness": 0 },
        },
        firewall: { extraPorts: ["80/tcp", "80/tcp"], sshSources: ["2001:DB8::/32", "2001:db8::/32"] },
        admin: { name: "kube", authorizedKeys: [` ${ed25519} me@home `, `${ed25519} me@home`] },
        nodes: {
          a: node({ hostKey: `${ed25519} root@machine`, podSubnet: "10.200.1.0/24,fd00:0:0:1:0::/80" }),
        },
      }),
    );
    expect(spec.podCidrs).toEqual(["10.200.0.0/16", "fd00:0:0:1::/64"]);
    expect(spec.serviceCidrs).toEqual(["10.32.0.0/24"]);
    expect(spec.kernel.modules).toEqual(["ip_vs"]);
    expect(spec.kernel.sysctls).toEqual({ "net.ipv4.tcp_rmem": "4096 131072 6291456", "vm.swappiness": "0" });
    expect(spec.firewall.extraPorts).toEqual(["80/tcp"]);
    expect(spec.firewall.sshSources).toEqual(["2001:db8::/32"]);
    expect(spec.admin).toEqual({ name: "kube", authorizedKeys: [`${ed25519} me@home`], sudo: false });
    expect(spec.nodes[0]?.connection.hostKey).toBe(ed25519);
    expect(spec.nodes[0]?.podSubnets).toEqual(["10.200.1.0/24", "fd00:0:0:1::/80"]);
  });

  test("adopt of the cluster holds for nodes that do not say otherwise", () => {
    const nodes = { a: node(), b: node({ host: "192.0.2.11", adopt: false }) };
    expect(cluster(config({ adopt: true, nodes })).nodes.map((one) => one.adopt)).toEqual([true, false]);
  });
});

test("what is said of a node, and of all of them, is theirs", () => {
  const said = {
    retire: "abandon",
    allowCgroupDriverChange: true,
    undoWithPods: true,
    fqdn: "a.example.org",
  };
  const value = config({ ssh: { agent: true, maxConnections: 3 }, nodes: { a: node(said) } });
  expect(cluster(value).nodes[0]).toMatchObject(said);
  expect(cluster(value).maxConnections).toBe(3);
});

test("secrets print as [secret]", () => {
  const spec = cluster(config({ ssh: { password: "hunter2" } }), sources());
  const { auth } = spec.nodes[0]!.connection;
  expect(auth.method === "password" && auth.password.reveal()).toBe("hunter2");
  const secret = auth.method === "password" ? auth.password : undefined;
  expect(
    [JSON.stringify(spec), inspect(spec, { depth: 9, showHidden: true }), String(secret)].join(),
  ).not.toContain("hunter2");
  expect(String(secret)).toBe("[secret]");
});
