import { ed25519Pair } from "../ssh-keys";
import { cluster, config, ecdsa, ed25519, mistakes, node, sources, warnings } from "./fixtures";
import { connection, from, withSsh } from "./home";

describe("a bastion", () => {
  const bastion = { host: "jump.example.com", user: "jump" };

  test("takes the node's way to authenticate where it has none", () => {
    expect(connection(withSsh({ agent: true, bastion })).bastion).toEqual({
      host: "jump.example.com",
      port: 22,
      user: "jump",
      auth: { method: "agent", socket: "/run/agent" },
      hostKey: ed25519,
    });
  });

  test("has its own where it has one, and the node's user by default", () => {
    const value = withSsh({ agent: true, user: "ops", bastion: { host: "jump.example.com", password: "p" } });
    expect(connection(value).bastion).toMatchObject({ user: "ops", auth: { method: "password" } });
  });

  test("a node may have another one, or none", () => {
    const own = node({ ssh: { bastion: { host: "198.51.100.1", hostKey: ecdsa } } });
    expect(connection(withSsh({ agent: true, bastion }, { a: own })).bastion).toMatchObject({
      host: "198.51.100.1",
      hostKey: ecdsa,
    });
    const direct = node({ ssh: { bastion: "none" } });
    expect(connection(withSsh({ agent: true, bastion }, { a: direct })).bastion).toBeUndefined();
  });

  test("that is given the nodes' password is a warning, once", () => {
    const nodes = { a: node(), b: node({ host: "192.0.2.12" }) };
    const given = { ...bastion, hostKey: ed25519 };
    const told = warnings(withSsh({ password: "p", bastion: given }, nodes), from);
    expect(told).toEqual([
      expect.stringContaining(
        "ssh.bastion: it has no way to authenticate of its own and is given the nodes' password",
      ),
    ]);
    for (const own of [{ password: "q" }, { agent: true }])
      expect(warnings(withSsh({ password: "p", bastion: { ...given, ...own } }, nodes), from)).toEqual([]);
    expect(warnings(withSsh({ agent: true, bastion: given }, nodes), from)).toEqual([]);
  });

  test("the same address behind two bastions may be two machines", () => {
    const other = { ssh: { bastion: { host: "198.51.100.1", hostKey: ecdsa } } };
    expect(mistakes(withSsh({ agent: true, bastion }, { a: node(), b: node(other) }), from)).toEqual([]);
    expect(mistakes(withSsh({ agent: true, bastion }, { a: node(), b: node() }), from)).toEqual([
      expect.stringContaining("192.0.2.10 via jump.example.com is the address of a too"),
    ]);
  });

  test("its mistakes are said once for all nodes", () => {
    const nodes = { a: node(), b: node({ host: "192.0.2.12" }) };
    const unknown = { agent: true, bastion: { host: "198.51.100.1" } };
    expect(mistakes(withSsh(unknown, nodes), from)).toEqual([
      expect.stringContaining("ssh.bastion.hostKey: is missing"),
    ]);
    expect(mistakes(withSsh({ agent: true, bastion: {} }, nodes), from)).toEqual([
      expect.stringContaining("ssh.bastion.host: is missing"),
    ]);
  });

  test("whose way to authenticate is wrong leaves no connection, and no second mistake", () => {
    const value = withSsh({ agent: true, bastion: { ...bastion, privateKeyFile: "/gone" } });
    expect(mistakes(value, from)).toEqual([
      expect.stringContaining("ssh.bastion.privateKeyFile: /gone does not exist"),
    ]);
  });

  test("outside the sources that may reach SSH warns", () => {
    const ssh = { agent: true, bastion: { host: "198.51.100.1", hostKey: ed25519 } };
    const firewall = (sshSources: string[]) => config({ ssh, firewall: { sshSources } });
    expect(warnings(firewall(["192.0.2.0/24"]))).toEqual([
      expect.stringContaining("the bastion 198.51.100.1 is in none"),
    ]);
    expect(warnings(firewall(["192.0.2.0/24", "198.51.100.0/24"]))).toEqual([]);
  });

  test("of a node of its own outside them warns, too, and once for many nodes", () => {
    const own = { ssh: { bastion: { host: "203.0.113.7", hostKey: ed25519 } } };
    const nodes = { a: node(own), b: node({ ...own, host: "192.0.2.11" }), c: node({ host: "192.0.2.12" }) };
    const value = config({ nodes, firewall: { sshSources: ["192.0.2.0/24"] } });
    expect(warnings(value)).toEqual([expect.stringContaining("the bastion 203.0.113.7 is in none")]);
  });
});

describe("host keys", () => {
  test("come from known_hosts, by host and port", () => {
    const nodes = { a: node({ hostKey: undefined, port: 2222 }) };
    expect(connection(withSsh({ agent: true }, nodes)).hostKey).toBe(ecdsa);
  });

  test("a missing one is an error that says how to get it", () => {
    const found = mistakes(withSsh({ agent: true }, { a: node({ hostKey: undefined, port: 2223 }) }), from);
    expect(found).toEqual([
      "nodes.a.hostKey: is missing, and ~/.ssh/known_hosts does not know [192.0.2.10]:2223; get it with " +
        "`ssh-keyscan -t ed25519 -p 2223 192.0.2.10`, compare it with /etc/ssh/ssh_host_ed25519_key.pub as the machine's " +
        "own console shows it, and set it here or add the line to ~/.ssh/known_hosts",
    ]);
  });

  test("a known_hosts file that cannot be read is named", () => {
    const ssh = { agent: true, knownHostsFile: "/etc/gone" };
    expect(mistakes(withSsh(ssh, { a: node({ hostKey: undefined }) }), from)).toEqual([
      expect.stringContaining("nodes.a.hostKey: is missing, and /etc/gone does not exist"),
    ]);
  });

  test("of a node and of its own bastion may be in a file of the node's own", () => {
    const files = { "/theirs": `192.0.2.10 ${ecdsa}\n198.51.100.1 ${ed25519}\n` };
    const ssh = { knownHostsFile: "/theirs", bastion: { host: "198.51.100.1" } };
    const value = withSsh({ agent: true }, { a: node({ hostKey: undefined, ssh }) });
    expect(cluster(value, sources(files)).nodes[0]?.connection).toMatchObject({
      hostKey: ecdsa,
      bastion: { hostKey: ed25519 },
    });
  });

  test("of RSA only warn", () => {
    const nodes = { a: node({ hostKey: undefined, host: "192.0.2.11" }) };
    expect(warnings(withSsh({ agent: true }, nodes), from)).toEqual([
      expect.stringContaining("nodes.a: only an RSA host key is known"),
    ]);
  });

  test("insecureIgnoreHostKey does without, and warns for each node without a key", () => {
    const nodes = { a: node({ hostKey: undefined }), b: node({ host: "192.0.2.12" }) };
    const value = withSsh({ agent: true, insecureIgnoreHostKey: true }, nodes);
    expect(connection(value).hostKey).toBeUndefined();
    expect(warnings(value, from)).toEqual([
      expect.stringContaining("nodes.a: insecureIgnoreHostKey is set: whoever answers at 192.0.2.10"),
    ]);
    const strict = { ...nodes, a: node({ hostKey: undefined, ssh: { insecureIgnoreHostKey: false } }) };
    expect(mistakes(withSsh({ agent: true, insecureIgnoreHostKey: true }, strict), from)).toHaveLength(1);
  });
});

test("of two keys of one type in known_hosts the first is expected, with a warning that names the file", () => {
  const text = `192.0.2.10 ${ed25519}\n192.0.2.10 ${ed25519Pair().public}`;
  const value = withSsh({ agent: true }, { a: { host: "192.0.2.10", role: "worker" } });
  expect(warnings(value, sources({ "/home/op/.ssh/known_hosts": text }))).toEqual([
    expect.stringContaining(
      "nodes.a: ~/.ssh/known_hosts has 2 keys of one type for 192.0.2.10, of which the first",
    ),
  ]);
});

test("a person's security key is no host key", () => {
  const hostKey = `sk-ssh-ed25519@openssh.com ${Buffer.from("\0\0\0\x1ask-ssh-ed25519@openssh.com\0\0\0\x01x", "latin1").toString("base64")}`;
  expect(mistakes(withSsh({ agent: true }, { a: node({ hostKey }) }), from)).toEqual([
    expect.stringContaining("nodes.a.hostKey: "),
  ]);
});
