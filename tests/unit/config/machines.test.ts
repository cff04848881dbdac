import { cluster, config, ed25519, mistakes, sources } from "./fixtures";

const text = `# the tutorial's own
192.0.2.10 server.kubernetes.local server
192.0.2.20  node-0.kubernetes.local node-0\t10.200.0.0/24

192.0.2.21 node-1.kubernetes.local node-1 10.200.1.0/24 # the second
`;
const from = (file = text) => sources({ "machines.txt": file });
const trust = {
  server: { hostKey: ed25519 },
  "node-0": { hostKey: ed25519 },
  "node-1": { hostKey: ed25519 },
};
const value = (nodes: unknown = trust) => config({ machines: "machines.txt", nodes });

test("machines.txt lists the nodes; those without pod subnet are the control plane", () =>
  expect(
    cluster(value(), from()).nodes.map(({ name, role, connection, podSubnets }) => [
      ...[name, role, connection.host],
      ...podSubnets,
    ]),
  ).toEqual([
    ["server", "control-plane", "192.0.2.10"],
    ["node-0", "worker", "192.0.2.20", "10.200.0.0/24"],
    ["node-1", "worker", "192.0.2.21", "10.200.1.0/24"],
  ]));

test("what nodes says of one of them wins, and it may name more", () => {
  const nodes = {
    ...trust,
    "node-0": { hostKey: ed25519, port: 2222, podSubnet: "10.200.9.0/24" },
    extra: { host: "192.0.2.30", role: "worker", hostKey: ed25519 },
  };
  const { nodes: all } = cluster(value(nodes), from());
  expect(all.map(({ name }) => name)).toEqual(["server", "node-0", "node-1", "extra"]);
  expect(all[1]).toMatchObject({ podSubnets: ["10.200.9.0/24"], connection: { port: 2222 } });
});

test("nothing at all is said of one of them by a key without a value", () => {
  const ssh = { agent: true, insecureIgnoreHostKey: true };
  const nodes = { server: null, "node-0": null, "node-1": null };
  expect(cluster({ ...value(nodes), ssh }, from()).nodes.map(({ connection }) => connection.host)).toEqual([
    "192.0.2.10",
    "192.0.2.20",
    "192.0.2.21",
  ]);
});

test("the full name of a line is the node's, unless nodes says another", () => {
  const nodes = { ...trust, "node-1": { hostKey: ed25519, fqdn: "one.example.org" } };
  expect(cluster(value(nodes), from()).nodes.map(({ fqdn }) => fqdn)).toEqual([
    "server.kubernetes.local",
    "node-0.kubernetes.local",
    "one.example.org",
  ]);
});

test("one that ends with a dot is the same, and - says that there is none", () => {
  const file = text.replace("server.kubernetes.local", "-").replace("node-0.kubernetes.local", "$&.");
  const names = cluster(value(), from(file)).nodes.map(({ fqdn }) => fqdn);
  expect(names).toEqual([undefined, "node-0.kubernetes.local", "node-1.kubernetes.local"]);
});

test.each([
  ["node-0", "is a name of node-0 too; give each node a full name of its own"],
  ["Node-0.kubernetes.local", "is a name of server too; give each node a full name of its own", "node-0"],
])("another node's full name is a mistake where nodeprep writes them: %s", (name, fault, at = "server") => {
  const wrong = text.replace("server.kubernetes.local", name);
  const shown = at === "server" ? name : "node-0.kubernetes.local";
  const managed = { ...value(), hostNames: "managed" };
  expect(mistakes(managed, from(wrong))).toEqual([`nodes.${at}.fqdn: ${shown} ${fault}`]);
  expect(cluster(value(), from(wrong)).nodes).toHaveLength(3);
});

test("a machine may have the name of something that every object has", () => {
  const [node] = cluster(
    config({ machines: "machines.txt", nodes: undefined, ssh: { agent: true, insecureIgnoreHostKey: true } }),
    from("192.0.2.10 constructor.kubernetes.local constructor\n"),
  ).nodes;
  expect(node).toMatchObject({ name: "constructor", connection: { host: "192.0.2.10" } });
});

test.each([
  [
    "192.0.2.10 server",
    "has 2 words, must have an address, a full name, a host name, and for a worker its pod subnet",
  ],
  [
    "192.0.2.10 a.local a 10.200.0.0/24 worker",
    "has 5 words, must have an address, a full name, a host name, and for a worker its pod subnet",
  ],
  ["192.0.2.10 a_b.local a", "has the full name a_b.local, must have a DNS name or -"],
  ["server.local 192.0.2.10 server", "begins with server.local, must begin with an IP address"],
  ["192.0.2.1 a.local a\n192.0.2.2 b.local a", "has the host name a of a line before it", 2],
])("a line that is none is named by its number: %s", (file, fault, line = 1) =>
  expect(mistakes(value({ a: { hostKey: ed25519, host: "192.0.2.1", role: "worker" } }), from(file))).toEqual(
    [
      `machines: machines.txt:${line} ${fault}; write for example \`192.0.2.20 node-0.example.org node-0 10.200.0.0/24\``,
    ],
  ),
);

test("a file that is not there, and a subnet that is none, are said once", () => {
  expect(mistakes({ ...value(null) }, sources())).toEqual([
    "machines: machines.txt does not exist; correct the path, or list the machines in nodes",
  ]);
  const [mistake] = mistakes(value(), from(text.replace("10.200.0.0/24", "10.200.0.0")));
  expect(mistake).toBe(
    "nodes.node-0.podSubnet: 10.200.0.0 has no prefix length; for this one address write 10.200.0.0/32",
  );
});
