import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { openSession } from "../../../survey/connection";
import { SurveyError } from "../../../survey/errors";
import type { NodeConnection } from "../../../survey/types";
import { startServer, type ServerOptions, type SshServer } from "./ssh-server";

const cleanups: (() => unknown)[] = [];

/** Runs after the test that asked for it, last asked first. */
export const cleanup = (task: () => unknown): void => void cleanups.push(task);

/** Everything that the test started ends. */
export async function cleanUp(): Promise<void> {
  for (const task of cleanups.splice(0).reverse()) await task();
}

/** An SSH server that ends with the test. */
export async function server(options?: ServerOptions): Promise<SshServer> {
  const started = await startServer(options);
  cleanup(() => started.stop());
  return started;
}

/** A plain TCP listener. */
export async function listener(talk: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const tcp = createServer((socket) => {
    sockets.add(socket.on("error", () => undefined));
    talk(socket);
  });
  tcp.listen(0, "127.0.0.1");
  await once(tcp, "listening");
  cleanup(() => {
    for (const socket of sockets) socket.destroy();
    return new Promise((done) => tcp.close(done));
  });
  return (tcp.address() as AddressInfo).port;
}

/** A port on which nothing listens. */
export async function closedPort(): Promise<number> {
  const tcp = createServer().listen(0, "127.0.0.1");
  await once(tcp, "listening");
  const { port } = tcp.address() as AddressInfo;
  await new Promise((done) => tcp.close(done));
  return port;
}

/** A connection to a port of this machine. */
export const local = (port: number, more: Partial<NodeConnection> = {}): NodeConnection => ({
  host: "127.0.0.1",
  port,
  user: "root",
  auth: { password: "the-secret-word" },
  dialTimeoutSeconds: 1,
  ...more,
});

/** How opening a session fails; never with a secret in the words. */
export async function failure(connection: NodeConnection): Promise<SurveyError> {
  const outcome = await openSession("node-1", connection).then<unknown, unknown>(
    (session) => session.close(),
    (error: unknown) => error,
  );
  if (!(outcome instanceof SurveyError)) throw new Error(`expected a SurveyError, got ${String(outcome)}`);
  expect(outcome.node).toBe("node-1");
  expect(`${outcome.message} ${outcome.remedy}`).not.toContain("the-secret-word");
  expect(outcome.remedy).toMatch(/\.$/);
  return outcome;
}

/** A port whose queue of connections is full: the kernel answers no further one. */
export async function deadPort(): Promise<number> {
  const program = `const s = require("net").createServer().listen({ port: 0, host: "127.0.0.1", backlog: 1 }, () => {
    require("fs").writeSync(1, s.address().port + "\\n");
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  });`;
  const child = spawn(process.execPath, ["-e", program], { stdio: ["ignore", "pipe", "inherit"] });
  const [bytes] = (await once(child.stdout, "data")) as [Buffer];
  const port = Number(bytes.toString());
  const waiting = Array.from({ length: 4 }, () => connect(port, "127.0.0.1").on("error", () => undefined));
  cleanup(() => {
    for (const socket of waiting) socket.destroy();
    child.kill("SIGKILL");
  });
  await once(waiting[0]!, "connect");
  return port;
}
