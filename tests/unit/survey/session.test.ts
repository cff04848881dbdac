import { ed25519Pair } from "../ssh-keys";
import { createReadStream, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AgentProtocol, utils } from "ssh2";
import { openSession } from "../../../survey/connection";
import { cleanup, cleanUp, failure, server } from "./machines";
import { keyPair } from "./ssh-server";

afterEach(cleanUp);

describe("login", () => {
  test("a key that is not known there", async () => {
    const { connection } = await server();
    const error = await failure({ ...connection, auth: { privateKey: keyPair().private } });
    expect(error.reason).toBe("auth");
    expect(error.message).toMatch(/^sshd refused the login of root at 127.0.0.1:\d+ with the private key$/);
  });

  test.each([
    ["System is booting up. Unprivileged users are not permitted to log in yet.", "dropped", "/run/nologin"],
    ["Your account has expired; please contact your system administrator.", "auth", "chage -E -1 root"],
  ])("an account that PAM turns away, in its own words: %s", async (banner, reason, remedy) => {
    const { connection } = await server({ login: () => false, banner: `PROHIBITED\n${banner}\n` });
    const error = await failure(connection);
    expect(error).toMatchObject({ reason, message: expect.stringContaining(`: ${banner}`) as unknown });
    expect(error.message).not.toContain("PROHIBITED");
    expect(error.remedy).toContain(remedy);
  });

  test("an encrypted key without its passphrase, and with it", async () => {
    const key = ed25519Pair({ cipher: "aes256-cbc", passphrase: "open", rounds: 2 });
    const { connection } = await server({ login: ({ method }) => method === "publickey" });
    const error = await failure({ ...connection, auth: { privateKey: key.private } });
    expect(error.reason).toBe("auth");
    expect(error.remedy).toContain("passphrase");
    const session = await openSession("node-1", {
      ...connection,
      auth: { privateKey: key.private, passphrase: "open" },
    });
    await session.close();
  });

  test("a text that is no key", async () => {
    const { connection } = await server();
    const error = await failure({ ...connection, auth: { privateKey: "the-secret-word" } });
    expect(error.reason).toBe("auth");
  });

  test.each(["password", "keyboard-interactive"] as const)(
    "a password by %s, right and wrong",
    async (method) => {
      const { connection } = await server({
        login: (context) => {
          if (context.method === "password") return method === "password" && context.password === "right";
          if (context.method !== "keyboard-interactive" || method === "password") return false;
          context.prompt("Password: ", ([typed]) =>
            typed === "right" ? context.accept() : context.reject(),
          );
          return "later";
        },
      });
      const error = await failure({ ...connection, auth: { password: "the-secret-word" } });
      expect(error.reason).toBe("auth");
      expect(error.remedy).toContain("PasswordAuthentication");
      const session = await openSession("node-1", { ...connection, auth: { password: "right" } });
      await session.close();
    },
  );

  test("an agent, and an agent that is not there", async () => {
    const key = keyPair();
    const folder = mkdtempSync(join(tmpdir(), "agent-"));
    cleanup(() => rmSync(folder, { recursive: true }));
    const agent = createServer((socket) => {
      const parsed = utils.parseKey(key.private);
      if (parsed instanceof Error) throw parsed;
      const protocol = new AgentProtocol(false);
      protocol.on("identities", (request) => protocol.getIdentitiesReply(request, [parsed]));
      protocol.on("sign", (request, _key, data) => protocol.signReply(request, parsed.sign(data)));
      socket.pipe(protocol).pipe(socket);
    }).listen(join(folder, "socket"));
    cleanup(() => new Promise((done) => agent.close(done)));
    const { connection } = await server({ login: ({ method }) => method === "publickey" });
    const session = await openSession("node-1", {
      ...connection,
      auth: { agentSocket: join(folder, "socket") },
    });
    await session.close();
    const error = await failure({ ...connection, auth: { agentSocket: join(folder, "nobody") } });
    expect(error.reason).toBe("auth");
    expect(error.message).toMatch(/^the SSH agent at .*nobody failed: /);
    expect(error.remedy).toContain("correct SSH_AUTH_SOCK");
  });
});

const containing = (text: string) => expect.stringContaining(text) as string;

describe("commands", () => {
  test("stdin arrives whole; code, stdout and stderr come back", async () => {
    const { connection } = await server();
    const session = await openSession("node-1", connection);
    const input = "x".repeat(300_000);
    const counted = await session.run("wc -c; echo said >&2; exit 3", input, { what: "counting" });
    expect({ ...counted, stdout: counted.stdout.trim() }).toEqual({
      code: 3,
      stdout: "300000",
      stderr: "said\n",
    });
    const early = await session.run("echo done", input, { what: "leaving early" });
    expect(early.stdout).toBe("done\n");
    const killed = await session.run("kill -9 $$", "", { what: "dying" });
    expect(killed.code).toBe(255);
    await session.close();
  });

  test("input that cannot be read, before the command has begun, is an error like others", async () => {
    const { connection } = await server();
    const session = await openSession("node-1", connection);
    const run = session.run("cat", createReadStream("/nowhere/file"), { what: "pushing file" });
    await expect(run).rejects.toMatchObject({
      reason: "push",
      message: expect.stringContaining("pushing file could not read its file: ENOENT") as unknown,
    });
    await session.close();
  });

  test("nothing is taken compressed: a little of it could be more than the limit at once", async () => {
    const { connection } = await server({ compress: ["zlib@openssh.com"] });
    expect((await failure(connection)).message).toContain("no matching");
  });

  test("more output than the limit, and longer than the limit", async () => {
    const { connection } = await server();
    const session = await openSession("node-1", connection);
    await expect(
      session.run("head -c 200000 /dev/zero", "", { what: "printing", outputLimit: 100_000 }),
    ).rejects.toMatchObject({
      reason: "protocol",
      message: containing("printing printed more than 100000"),
    });
    await expect(
      session.run("exec sleep 30", "", { what: "sleeping", timeoutSeconds: 0.3 }),
    ).rejects.toMatchObject({
      reason: "timeout",
      message: containing("sleeping took longer than 0.3 s"),
    });
    await expect(session.run("echo still here", "", { what: "asking" })).resolves.toMatchObject({ code: 0 });
    await session.close();
  });

  test("a connection that is lost ends the command, and the session after it", async () => {
    const { connection, clients } = await server();
    const session = await openSession("node-1", connection);
    const running = session.run("exec sleep 30", "", { what: "waiting" });
    for (const client of clients) client.end();
    await expect(running).rejects.toMatchObject({ reason: "dropped" });
    await expect(session.run("true", "", { what: "asking" })).rejects.toMatchObject({ reason: "dropped" });
    await session.close();
  });
});
