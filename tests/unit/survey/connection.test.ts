import { Client, utils } from "ssh2";
import { openSession } from "../../../survey/connection";
import { fingerprint, parseHostKey } from "../../../survey/host-key";
import { cleanup, cleanUp, closedPort, deadPort, failure, listener, local, server } from "./machines";
import { keyPair, type SshServer } from "./ssh-server";

afterEach(cleanUp);

describe("a machine that cannot be reached", () => {
  test("a closed port", async () => {
    const port = await closedPort();
    const error = await failure(local(port));
    expect(error.reason).toBe("refused");
    expect(error.message).toBe(`127.0.0.1:${port} refuses connections`);
  });

  test("a name that does not resolve", async () => {
    const error = await failure(local(22, { host: "node-1.invalid", dialTimeoutSeconds: 20 }));
    expect(error.reason).toBe("unknown-host");
    expect(error.message).toContain("node-1.invalid");
  }, 30_000);

  test("a dead host", async () => {
    const error = await failure(local(await deadPort()));
    expect(error.reason).toBe("timeout");
    expect(error.message).toContain("did not answer within 1 s");
  });

  test("a listener that never speaks", async () => {
    const error = await failure(local(await listener(() => undefined)));
    expect(error.reason).toBe("no-ssh");
    expect(error.message).toContain("said nothing for 1 s");
  });

  test("a listener that closes at once", async () => {
    const error = await failure(local(await listener((socket) => socket.end())));
    expect(error.reason).toBe("no-ssh");
    expect(error.message).toContain("closed it before SSH greeted");
  });

  test("a listener that speaks something else, with escape sequences", async () => {
    const port = await listener((socket) => socket.end("HTTP/1.1 400 \u001b[31mBad\r\n\r\n"));
    const error = await failure(local(port));
    expect(error.reason).toBe("no-ssh");
    expect(error.message).toBe(`127.0.0.1:${port} does not speak SSH, it said "HTTP/1.1 400 ?[31mBad"`);
  });

  test("a listener that greets and falls silent", async () => {
    const error = await failure(local(await listener((socket) => void socket.write("SSH-2.0-Slow\r\n"))));
    expect(error.reason).toBe("timeout");
    expect(error.message).toContain("handshake within 1 s");
  });

  test("a listener that greets and hangs up", async () => {
    const error = await failure(local(await listener((socket) => socket.end("SSH-2.0-Rude\r\n"))));
    expect(error.reason).toBe("dropped");
  });
});

describe("host keys", () => {
  test("another key of the same type: both fingerprints are named", async () => {
    const { connection } = await server();
    const other = keyPair();
    const error = await failure({ ...connection, hostKey: other.public });
    expect(error.reason).toBe("host-key-mismatch");
    expect(error.message).toContain(fingerprint(parseHostKey(connection.hostKey!).blob));
    expect(error.message).toContain(`expected ssh-ed25519 ${fingerprint(parseHostKey(other.public).blob)}`);
  });

  test("no key of the expected type: the one it has is named", async () => {
    const { connection } = await server();
    const other = utils.generateKeyPairSync("ecdsa", { bits: 256 });
    const error = await failure({ ...connection, hostKey: other.public });
    expect(error.reason).toBe("host-key-mismatch");
    expect(error.message).toContain("shows the host key ssh-ed25519 SHA256:");
  });

  test.each(["ecdsa", "rsa"] as const)("of several keys the expected %s one is asked for", async (type) => {
    const expected =
      type === "rsa"
        ? utils.generateKeyPairSync("rsa", { bits: 2048 })
        : utils.generateKeyPairSync("ecdsa", { bits: 256 });
    const { connection } = await server({ hostKeys: [expected, keyPair()] });
    const session = await openSession("node-1", connection);
    await session.close();
  });

  test.each(["", "ssh-ed25519", "ssh-ed25519 AAAA"])("one that cannot be read: %j", async (hostKey) => {
    const { connection, open } = await server();
    const error = await failure({ ...connection, hostKey });
    expect(error.reason).toBe("host-key");
    expect(error.message).toBe(
      `127.0.0.1:${connection.port}: the host key "${hostKey}" is not of the form "ssh-ed25519 AAAA…"`,
    );
    expect(error.remedy).toContain("Correct the node's hostKey");
    const behind = await failure({ ...connection, bastion: { ...connection, hostKey } });
    expect(behind.message).toMatch(/^bastion 127/);
    expect(behind.remedy).toContain("Correct the bastion's hostKey");
    expect(open.most).toBe(0);
  });

  test("none is asked for without an expectation", async () => {
    const { connection } = await server();
    const session = await openSession("node-1", { ...connection, hostKey: undefined });
    await session.close();
  });
});

test("a server that has only outdated ciphers", async () => {
  const { connection } = await server({ cipher: ["aes256-cbc"] });
  const error = await failure(connection);
  expect(error.reason).toBe("protocol");
  expect(error.remedy).toContain("cipher");
});

test("a login that is never answered", async () => {
  const { connection } = await server({ login: () => "later" });
  const error = await failure({ ...connection, dialTimeoutSeconds: 1 });
  expect(error.reason).toBe("timeout");
  expect(error.message).toContain("the login of root");
});

/** Waits until nobody is logged in there any more. */
async function closed({ open }: SshServer): Promise<void> {
  for (let tries = 0; open.now > 0 && tries < 100; tries++) await new Promise((done) => setTimeout(done, 20));
  expect(open.now).toBe(0);
}

describe("through a bastion", () => {
  test("both host keys are verified, and a command runs on the node", async () => {
    const node = await server();
    const bastion = await server();
    const session = await openSession("node-1", { ...node.connection, bastion: bastion.connection });
    expect(node.open.now + bastion.open.now).toBe(2);
    await expect(session.run("echo there", "", { what: "asking" })).resolves.toMatchObject({
      stdout: "there\n",
    });
    await session.close();
    const wrong = { ...node.connection, bastion: { ...bastion.connection, hostKey: keyPair().public } };
    const error = await failure(wrong);
    expect(error.reason).toBe("host-key-mismatch");
    expect(error.message).toContain(`bastion 127.0.0.1:${bastion.connection.port}`);
    expect(error.remedy).toContain("the bastion's hostKey");
    expect((await failure({ ...wrong, bastion: bastion.connection, hostKey: keyPair().public })).reason).toBe(
      "host-key-mismatch",
    );
  });

  test("a bastion that turns every login away is named, with the account there; the node hears nothing", async () => {
    const node = await server();
    const bastion = await server({ login: () => false });
    const error = await failure({
      ...node.connection,
      bastion: { ...bastion.connection, user: "jump" },
    });
    expect(error.reason).toBe("auth");
    expect(error.message).toContain(`bastion 127.0.0.1:${bastion.connection.port}`);
    expect(`${error.message} ${error.remedy}`).toContain("jump");
    expect(node.open.now).toBe(0);
  });

  test("a node that the bastion cannot reach, and a bastion that does not forward", async () => {
    const node = await server();
    for (const forward of ["connect", "refuse"] as const) {
      const bastion = await server({ forward });
      const port = forward === "connect" ? await closedPort() : node.connection.port;
      const error = await failure({ ...node.connection, port, bastion: bastion.connection });
      expect(["refused", "unreachable"]).toContain(error.reason);
      expect(error.message).toContain(
        `bastion 127.0.0.1:${bastion.connection.port} cannot connect to 127.0.0.1:${port}`,
      );
      await closed(bastion);
    }
  });

  test("a bastion that has too many logins under way is asked again, for as long as an attempt may take", async () => {
    const node = await server();
    let asked = 0;
    const port = await listener((socket) => {
      asked++;
      socket.end("Exceeded MaxStartups\r\n");
    });
    const error = await failure({ ...node.connection, bastion: local(port) });
    expect(error.message).toContain(`bastion 127.0.0.1:${port}`);
    expect(asked).toBeGreaterThan(1);
    expect(asked).toBeLessThan(20);
  });

  test("a bastion that is gone before it has forwarded", async () => {
    const node = await server();
    const bastion = await server();
    const forward = jest.spyOn(Client.prototype, "forwardOut").mockImplementationOnce(function (
      this: Client,
      ...words
    ) {
      this.destroy();
      return this.forwardOut(...words);
    });
    cleanup(() => forward.mockRestore());
    const error = await failure({ ...node.connection, bastion: bastion.connection });
    expect(error.reason).toBe("unreachable");
    expect(error.message).toContain(`bastion 127.0.0.1:${bastion.connection.port} cannot connect to`);
  });
});
