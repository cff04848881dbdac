import { parsePrivateKey } from "../../../config/private-key";
import { encryptedKeys, mistakes, node, plainKeys, warnings, type Mapping } from "./fixtures";
import { connection, from, withSsh } from "./home";
import { ed25519Pair } from "../ssh-keys";

describe("a way to authenticate", () => {
  test("a key file, with ~ for the home directory", () => {
    const { auth } = connection(withSsh({ privateKeyFile: "~/.ssh/deploy" }));
    expect(auth.method === "privateKey" && auth.privateKey.reveal()).toBe(`${plainKeys.private.trim()}\n`);
  });

  test("a key's text is the same whatever the editor made of its line ends", () => {
    const { auth } = connection(withSsh({ privateKey: `\n${plainKeys.private.replace(/\n/g, "\r\n")}\r\n` }));
    expect(auth.method === "privateKey" && auth.privateKey.reveal()).toBe(`${plainKeys.private.trim()}\n`);
  });

  test("an encrypted key with its passphrase", () => {
    const { auth } = connection(withSsh({ privateKeyFile: "~/.ssh/locked", passphrase: "s3same" }));
    expect(auth.method === "privateKey" && auth.passphrase?.reveal()).toBe("s3same");
  });

  test("an encrypted key is opened once, however many nodes it is for: that takes half a second each", () => {
    const key = encryptedKeys.private;
    expect(parsePrivateKey(key, "s3same")).toBe(parsePrivateKey(key, "s3same"));
    expect(parsePrivateKey(key, "other")).toBeInstanceOf(Error);
  });

  test("the agent and a password", () => {
    expect(connection(withSsh({ agent: true })).auth).toEqual({ method: "agent", socket: "/run/agent" });
    const { auth } = connection(withSsh({ password: "hunter2" }));
    expect(auth.method === "password" && auth.password.reveal()).toBe("hunter2");
  });

  test.each<[Mapping, string]>([
    [
      {},
      "ssh: names no way to authenticate, must have one of privateKeyFile, privateKey, password, agent; for example `agent: true`",
    ],
    [
      { agent: true, password: "hunter2" },
      "ssh: has password and agent, must have one of them; remove the others",
    ],
    [{ agent: false }, "ssh.agent: false must be true"],
    [
      { password: 1234 },
      "ssh.password: [secret] is a number, must be a text, set with `pulumi config set --secret --path`; set it with `pulumi config set --secret --path 'nodeprep:cluster.ssh.password'`",
    ],
    [{ password: "" }, "ssh.password: [secret] must be"],
    [
      { privateKey: "hunter2" },
      "ssh.privateKey: [secret] holds no private key that can be read; bring it into OpenSSH's form",
    ],
    [
      { privateKeyFile: "~/.ssh/gone" },
      "ssh.privateKeyFile: ~/.ssh/gone does not exist; correct the path, or make a deploy key",
    ],
    [{ privateKeyFile: "/keys/empty" }, "ssh.privateKeyFile: /keys/empty holds no private key"],
    [
      { privateKeyFile: "~/.ssh/deploy.pub" },
      "~/.ssh/deploy.pub is a public key, must be a private key; name the file without .pub",
    ],
    [
      { privateKeyFile: "~/.ssh/locked" },
      "~/.ssh/locked is encrypted; set passphrase beside it, as a secret, or use the SSH agent",
    ],
    [
      { privateKeyFile: "~/.ssh/locked", passphrase: "hunter2" },
      "cannot be opened with the passphrase given",
    ],
    [
      { privateKeyFile: plainKeys.private },
      "ssh.privateKeyFile: [secret] is a key, must be the path of a file",
    ],
    [{ password: "hunter2", passphrase: "hunter2" }, "ssh.passphrase: [secret] belongs to no private key"],
    [{ pasword: "hunter2" }, "ssh.pasword: is not a known key; did you mean password?"],
    [
      { agent: true, bastion: "hunter2@jump" },
      "ssh.bastion: is a text, must be a mapping with at least `host`",
    ],
    [
      { agent: true, bastion: { host: "jump.example.com", agent: true, password: "hunter2" } },
      "ssh.bastion: has password and agent",
    ],
    [{ agent: true, dialTimeout: 0 }, "ssh.dialTimeout: 0 must be a whole number from 1 to 600"],
  ])("%j: %s", (ssh, expected) => {
    const found = mistakes(withSsh(ssh), from);
    expect(found).toEqual([expect.stringContaining(expected)]);
    expect(found.join()).not.toMatch(/hunter2|1234|BEGIN/);
  });

  test.each<[string, string, string | undefined, string]>([
    [
      "without its line breaks",
      plainKeys.private.replaceAll("\n", " "),
      undefined,
      "is on one line: its line breaks were lost on the way; quote the variable",
    ],
    ["with \\n in their place", plainKeys.private.replaceAll("\n", "\\n"), undefined, "is on one line"],
    [
      "in base64",
      Buffer.from(plainKeys.private).toString("base64"),
      undefined,
      "is a key in base64; decode it first",
    ],
    [
      "in PuTTY's form",
      `PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\n`,
      undefined,
      "is a key in PuTTY's form, must be in OpenSSH's; convert it with `puttygen",
    ],
    [
      "with a passphrase that it does not need",
      plainKeys.private,
      "hunter2",
      "is not encrypted, but has a passphrase",
    ],
    [
      "encrypted with a cipher of OpenSSH's alone",
      ed25519Pair({ cipher: "aes256-gcm@openssh.com", passphrase: "hunter2", rounds: 1 }).private,
      "hunter2",
      "is encrypted with aes256-gcm@openssh.com, which Pulumi's command provider cannot read; encrypt it anew with `ssh-keygen",
    ],
  ])(
    "a key %s is refused here, not at the first stage of every node",
    (_, privateKey, passphrase, expected) => {
      const found = mistakes(
        withSsh({ privateKey, ...(passphrase === undefined ? {} : { passphrase }) }),
        from,
      );
      expect(found).toEqual([expect.stringContaining(expected)]);
      expect(found.join()).not.toMatch(/hunter2|BEGIN/);
    },
  );

  test("an agent's socket that is not there is a mistake where the agent is to be used, and a warning elsewhere", () => {
    const stale = { ...from, agentFault: "does not exist" };
    expect(mistakes(withSsh({ agent: true }), stale)).toEqual([
      expect.stringContaining("needs a running SSH agent, but SSH_AUTH_SOCK, /run/agent, does not exist"),
    ]);
    // Not both: the warning says to unset what the mistake says is needed.
    for (const ssh of [{ agent: true }, { password: "x", bastion: { host: "jump", agent: true } }])
      expect(warnings(withSsh(ssh), stale).join()).not.toContain("SSH_AUTH_SOCK");
    expect(warnings(withSsh({ privateKeyFile: "~/.ssh/deploy" }), stale)).toEqual([
      expect.stringContaining(
        "SSH_AUTH_SOCK is /run/agent, which does not exist: an update would fail on every node",
      ),
    ]);
  });

  test("the agent needs a socket", () => {
    const { agentSocket: _, ...without } = from;
    expect(mistakes(withSsh({ agent: true }), without)).toEqual([
      "ssh.agent: true needs a running SSH agent, but SSH_AUTH_SOCK is not set; run `eval $(ssh-agent) && ssh-add`, or name a privateKeyFile",
    ]);
  });

  test("what is missing is said once for all nodes, and not for those with a way of their own", () => {
    const nodes = {
      a: node(),
      b: node({ host: "192.0.2.12" }),
      c: node({ host: "192.0.2.13", ssh: { agent: true } }),
    };
    expect(mistakes(withSsh({}, nodes), from)).toHaveLength(1);
    expect(mistakes(withSsh({}, { c: nodes.c }), from)).toEqual([]);
  });

  test("a personal key warns, a deploy key does not", () => {
    expect(warnings(withSsh({ privateKeyFile: "~/.ssh/id_ed25519" }), from)).toEqual([
      expect.stringContaining("~/.ssh/id_ed25519 looks like a personal key"),
    ]);
    expect(warnings(withSsh({ privateKeyFile: "~/.ssh/deploy" }), from)).toEqual([]);
  });
});

describe("what a node overrides", () => {
  const shared = { user: "ops", port: 2200, agent: true, dialTimeout: 5 };
  test.each<[Mapping, Mapping]>([
    [{}, { user: "ops", port: 2200, dialTimeout: 5 }],
    [
      { user: "rocky", port: 22 },
      { user: "rocky", port: 22 },
    ],
    [{ ssh: { user: "rocky", port: 22, dialTimeout: 60 } }, { user: "rocky", port: 22, dialTimeout: 60 }],
    [{ user: "rocky", ssh: { user: "rocky" } }, { user: "rocky" }],
    [{ ssh: { password: "p" } }, { auth: { method: "password" } }],
  ])("%j", (own, expected) => {
    expect(connection(withSsh(shared, { a: node(own) }))).toMatchObject(expected);
  });
});
