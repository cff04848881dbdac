import { config, ecdsa, ed25519, mistakes, node, type Mapping } from "./fixtures";

/** [what is configured, the whole error] */
type Case = readonly [Mapping, string];

const withNode = (changes: Mapping): Mapping => ({ nodes: { "node-1": node(changes) } });

const keys: readonly Case[] = [
  [{ swop: "x" }, "swop: is not a known key; did you mean swap?"],
  [{ "KUBERNETES-version": "x" }, "KUBERNETES-version: is not a known key; did you mean kubernetesVersion?"],
  [{ "a b\u001b[2J\u202e": 1 }, 'nodeprep:cluster["a b\\u001b[2J\\u{202e}"]: is not a known key'],
  [{ xyzzy: 1 }, "xyzzy: is not a known key; remove it; known here are name, kubernetesVersion, podCidr,"],
  [
    { name: undefined },
    "name: is missing, must be a DNS label: 1 to 63 of a-z, 0-9 and -, neither first nor last a -; add it, for example `name: dev`",
  ],
  [
    { name: "My Cluster_1" },
    '"My Cluster_1" must be a DNS label: 1 to 63 of a-z, 0-9 and -, neither first nor last a -; for example my-cluster-1',
  ],
  [{ name: 7 }, "name: 7 is a number, must be a DNS label"],
  [{ name: "x".repeat(64) }, `for example ${"x".repeat(63)}`],
  [{ name: "---" }, "for example dev"],
  [
    { kubernetesVersion: 1.34 },
    "kubernetesVersion: 1.34 is a number, must be a whole version of three numbers, like 1.34.2; for example 1.34.2",
  ],
  [{ kubernetesVersion: "v1.34.2" }, "write it without v: 1.34.2"],
  [{ kubernetesVersion: "1.25.16" }, "1.25.16 is not supported, must be 1.26.0 or newer"],
  [{ kubernetesVersion: "2.0.0" }, "is not supported"],
  [{ swap: "off" }, "swap: off must be disabled or untouched; for example disabled"],
  [{ swap: false }, "swap: false must be disabled or untouched"],
  [{ selinux: "disabled" }, "selinux: disabled must be permissive, enforcing or untouched"],
  [{ adopt: "yes" }, "adopt: yes is a text, must be true or false"],
  [{ firewall: "none" }, "firewall: is a text, must be a mapping; for example `{ backend: firewalld }`"],
  [{ kernel: [] }, "kernel: is a list, must be a mapping"],
];

const sections: readonly Case[] = [
  [{ kernel: { modules: ["a/b"] } }, "kernel.modules[0]: a/b must be the name of a kernel module"],
  [
    { kernel: { modules: "ip_vs" } },
    "kernel.modules: ip_vs is a text, must be a list of kernel modules; for example [ip_vs]",
  ],
  [{ kernel: { modulesFile: "../x.conf" } }, "must be a file name that ends in .conf"],
  [{ kernel: { sysctlFile: "k8s" } }, "kernel.sysctlFile: k8s must be a file name that ends in .conf"],
  [
    { kernel: { sysctls: { somaxconn: 1 } } },
    "kernel.sysctls.somaxconn: somaxconn must be the name of a sysctl",
  ],
  [
    { kernel: { sysctls: { "net/core/somaxconn": 1 } } },
    "must be written with a dot first; write net.core.somaxconn",
  ],
  [
    { kernel: { sysctls: { "net/ipv4/conf/eth0.100/forwarding": 1 } } },
    "must be written with a dot first; write net.ipv4.conf.eth0/100.forwarding",
  ],
  [{ kernel: { sysctls: { "net.core.somaxconn": "1\n2" } } }, '"1\\n2" must be a whole number, in quotes'],
  [{ kernel: { sysctls: { "net.core.somaxconn": "" } } }, '"" must be a whole number'],
  [
    { kernel: { sysctls: { "net.ipv4.ip_forward": 0 } } },
    "0 contradicts what Kubernetes needs, 1; remove it",
  ],
  [{ firewall: { backend: "ufw" } }, "firewall.backend: ufw must be firewalld or none"],
  [{ firewall: { zone: "a zone" } }, 'firewall.zone: "a zone" must be auto, or the name of a zone'],
  [
    { firewall: { extraPorts: ["8080"] } },
    "firewall.extraPorts[0]: 8080 must be port/protocol or first-last/protocol, with tcp, udp or sctp; name the protocol, e.g. 8080/tcp",
  ],
  [{ firewall: { extraPorts: ["0/tcp"] } }, "0/tcp names a port outside 1 to 65535"],
  [{ firewall: { extraPorts: ["1-65536/tcp"] } }, "names a port outside 1 to 65535"],
  [
    { firewall: { extraPorts: ["80/tcp", "9-1/udp"] } },
    "firewall.extraPorts[1]: 9-1/udp begins after it ends; write 1-9/udp",
  ],
  [
    { firewall: { sshSources: ["192.0.2.1"] } },
    "firewall.sshSources[0]: 192.0.2.1 has no prefix length; for this one address write 192.0.2.1/32",
  ],
  [{ firewall: { sshSources: ["2001:db8::1"] } }, "write 2001:db8::1/128"],
  [
    { firewall: { controlPlaneSources: ["192.0.2.1/24"] } },
    "192.0.2.1/24 is an address inside a network, not a network; write 192.0.2.0/24",
  ],
  [
    { firewall: { controlPlaneSources: ["office"] } },
    "firewall.controlPlaneSources[0]: office must be a CIDR; for example 192.0.2.0/24",
  ],
  [{ firewall: { confirmWithin: 29 } }, "firewall.confirmWithin: 29 must be a whole number from 30 to 3600"],
  [{ firewall: { confirmWithin: 60.5 } }, "60.5 must be a whole number"],
  [{ cni: { type: "weave" } }, "cni.type: weave must be bridge, calico, cilium, flannel, none or other"],
  [
    { runtime: { criDockerd: {} } },
    "runtime.criDockerd: is set, but containerd speaks CRI by itself; remove it",
  ],
  [
    { runtime: { type: "docker", criDockerd: { version: 0.3 } } },
    "runtime.criDockerd.version: 0.3 is a number, must be a package version",
  ],
  [{ runtime: { type: "crio" } }, "runtime.type: crio is called cri-o here; write cri-o"],
  [{ runtime: { type: "dockershim" } }, "dockershim is refused: it is no runtime, but a part of the kubelet"],
  [{ runtime: { type: "frakti" } }, "frakti is refused: the project is archived and speaks no CRI v1"],
  [
    { runtime: { type: "npipe:////./pipe/containerd-containerd" } },
    "is refused: nodeprep prepares Linux machines",
  ],
  [
    { runtime: { type: "constructor" } },
    "runtime.type: constructor must be containerd, docker, cri-o or mirantis",
  ],
  [
    { runtime: { source: "brew" } },
    "runtime.source: brew must be distribution, docker, release, project or repository",
  ],
  [
    { runtime: { version: 1.6 } },
    "runtime.version: 1.6 is a number, must be a package version, in quotes; put it in quotes",
  ],
  [{ runtime: { sandboxImage: "a b" } }, 'runtime.sandboxImage: "a b" must be an image reference'],
  [
    { kubernetesVersion: "1.35.0", runtime: { cgroupDriver: "cgroupfs" } },
    "runtime.cgroupDriver: cgroupfs does not go with Kubernetes 1.35.0",
  ],
];

const admin: readonly Case[] = [
  [
    { admin: { name: "kube" } },
    "admin.authorizedKeys: is missing, must be a list of at least one OpenSSH public key",
  ],
  [
    { admin: { name: "kube", authorizedKeys: [] } },
    "admin.authorizedKeys: a list must be a list of at least one OpenSSH public key",
  ],
  [
    { admin: { name: "root", authorizedKeys: [ed25519] } },
    "admin.name: root is the superuser, must be an account of its own",
  ],
  [{ admin: { name: "Kube", authorizedKeys: [ed25519] } }, "admin.name: Kube must be 1 to 32 of a-z"],
  [
    { admin: { name: "kube", authorizedKeys: [ed25519.slice(0, -8)] } },
    "must be one whole OpenSSH public key",
  ],
  [
    { admin: { name: "kube", authorizedKeys: ["-----BEGIN OPENSSH PRIVATE KEY-----"] } },
    "admin.authorizedKeys[0]: [secret] must be",
  ],
  [
    { admin: { name: "rocky", authorizedKeys: [ed25519] }, ...withNode({ user: "rocky" }) },
    "admin.name: rocky is the SSH user too, must be another account than the one that nodeprep logs in with; choose another name, or leave admin out",
  ],
  [
    { admin: { name: "ops", authorizedKeys: [ed25519] }, ssh: { agent: true, user: "ops" } },
    "ops is the SSH user too",
  ],
  [
    { admin: { name: "rocky", authorizedKeys: [ed25519] }, ...withNode({ ssh: { user: "rocky" } }) },
    "rocky is the SSH user too",
  ],
];

const nodes: readonly Case[] = [
  [{ nodes: undefined }, "nodes: is missing, must be a mapping of at least one node"],
  [{ nodes: {} }, "nodes: is empty, must have at least one node"],
  [
    { nodes: { Node_1: node() } },
    "nodes.Node_1: Node_1 must be a DNS label: 1 to 63 of a-z, 0-9 and -, neither first nor last a -; for example node-1",
  ],
  [{ nodes: { a: null } }, "nodes.a: is missing, must be a mapping with at least `host` and `role`"],
  [withNode({ role: "master" }), "nodes.node-1.role: master must be control-plane or worker"],
  [withNode({ host: undefined }), "nodes.node-1.host: is missing"],
  [
    withNode({ host: "192.0.2.256" }),
    "192.0.2.256 must be an IP address (four numbers, or IPv6 without brackets) or a DNS name",
  ],
  [withNode({ host: "10.1" }), "10.1 must be an IP address"],
  [withNode({ host: "[2001:db8::1]" }), "write the address without brackets"],
  [withNode({ host: "root@db" }), "the part before the @ belongs into the key user"],
  [withNode({ host: "db:2222" }), "the part after the : belongs into the key port"],
  [withNode({ host: "192.0.2.1/24" }), "write the address without prefix length"],
  [withNode({ host: "-oProxyCommand=x" }), "must be an IP address"],
  [
    withNode({ port: "22" }),
    "nodes.node-1.port: 22 is a text, must be a whole number from 1 to 65535; for example 22",
  ],
  [withNode({ port: 65536 }), "65536 must be a whole number from 1 to 65535"],
  [withNode({ user: "-x" }), "nodes.node-1.user: -x must be the name of an account"],
  [
    withNode({ hostKey: "SHA256:abc" }),
    "SHA256:abc is a fingerprint, must be the key itself; get it with ssh-keyscan",
  ],
  [withNode({ hostKey: `${ed25519}\n${ecdsa}` }), "must be an OpenSSH public key, type and base64 text"],
  [withNode({ retire: "yes" }), "nodes.node-1.retire: yes must be undo or abandon"],
  [
    withNode({ port: 22, ssh: { port: 23 } }),
    "nodes.node-1.ssh.port: 23 contradicts the node's own port, 22; remove one of the two",
  ],
  [withNode({ os: "windows" }), "nodes.node-1.os: is not a known key"],
  [
    { nodes: { a: node({ host: "DB.example.com" }), b: node({ host: "db.example.com." }) } },
    "nodes.b.host: db.example.com is the address of a too; give each node the address (host and port) of a machine of its own, or remove one",
  ],
  [
    { nodes: { a: node({ host: "2001:db8::1" }), b: node({ host: "2001:DB8:0::1" }) } },
    "is the address of a too",
  ],
];

test.each([...keys, ...sections, ...admin, ...nodes])("%j: %s", (changes, expected) => {
  const found = mistakes(config(changes));
  expect(found).toHaveLength(1);
  expect(found[0]).toContain(expected);
});

test("all mistakes are reported at once, those of related keys too", () => {
  const value = {
    nmae: "dev",
    kubernetesVersion: 1.34,
    ssh: { port: 0 },
    runtime: { type: "frakti" },
    nodes: {
      a: { host: "192.0.2.1", podSubnet: "10.9.0.0/24", role: "x" },
      b: { host: "192.0.2.1", role: "worker" },
    },
  };
  expect(mistakes(value).map((line) => line.split(": ")[0])).toEqual([
    "nmae",
    "name",
    "kubernetesVersion",
    "ssh.port",
    "runtime.type",
    "nodes.a.role",
    "nodes.b.host",
    "nodes.a.podSubnet",
    "nodes.a.hostKey",
    "nodes.b.hostKey",
  ]);
});

test.each([
  [undefined, "nodeprep:cluster: is missing"],
  [null, "nodeprep:cluster: is missing"],
  ["dev", "nodeprep:cluster: is a text, must be a mapping"],
  [[], "nodeprep:cluster: is a list, must be a mapping"],
  [true, "nodeprep:cluster: is a truth value, must be a mapping"],
])("a configuration that is %j", (value, expected) => {
  expect(mistakes(value)).toEqual([expect.stringContaining(expected)]);
});
