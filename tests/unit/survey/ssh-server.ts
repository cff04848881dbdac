import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect, type AddressInfo } from "node:net";
import { Server, utils, type AuthContext, type Connection, type ServerChannel } from "ssh2";
import { ed25519Pair } from "../ssh-keys";
import type { NodeConnection } from "../../../survey/types";

/** A key pair in OpenSSH's form. */
export const keyPair = () => ed25519Pair();

export interface ServerOptions {
  /** Host keys; by default one of type ed25519. */
  readonly hostKeys?: readonly { private: string; public: string }[];
  /** Whether a login is let in; `later` when it sees to that itself. By default the one public key made here. */
  readonly login?: (context: AuthContext) => boolean | "later";
  /** What runs a command. By default `sh -c`, as sshd does it. */
  readonly exec?: (command: string, channel: ServerChannel) => void;
  /** What clients are told before they log in. */
  readonly banner?: string;
  /** The ciphers on offer. By default the usual ones. */
  readonly cipher?: readonly "aes256-cbc"[];
  /** The compressions on offer. By default the usual ones, none among them. */
  readonly compress?: readonly "zlib@openssh.com"[];
  /** What a bastion does when it is to forward. By default it connects. */
  readonly forward?: "connect" | "refuse";
}

/** An SSH server in this process, with what it takes to get in. */
export interface SshServer {
  readonly connection: NodeConnection;
  /** Sessions that are open now, and the most there ever were at a time. */
  readonly open: { now: number; most: number };
  readonly clients: Set<Connection>;
  stop(): Promise<void>;
}

export async function startServer(options: ServerOptions = {}): Promise<SshServer> {
  const user = keyPair();
  const hostKeys = options.hostKeys ?? [keyPair()];
  const clients = new Set<Connection>();
  const open = { now: 0, most: 0 };
  const login = options.login ?? ((context: AuthContext) => holdsKey(context, user.public));
  const algorithms = {
    ...(options.cipher ? { cipher: [...options.cipher] } : {}),
    ...(options.compress ? { compress: [...options.compress] } : {}),
  };
  const banner = options.banner === undefined ? {} : { banner: options.banner };
  const keys = hostKeys.map((key) => key.private);
  const server = new Server({ hostKeys: keys, algorithms, ...banner }, (client) => {
    clients.add(client);
    open.most = Math.max(open.most, ++open.now);
    client.on("authentication", (context) => {
      const decision = login(context);
      if (decision === true) context.accept();
      else if (decision === false) context.reject(["publickey"]);
    });
    client.on("ready", () => serve(client, options));
    client.on("error", () => undefined);
    client.on("close", () => {
      clients.delete(client);
      open.now--;
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    connection: {
      host: "127.0.0.1",
      port,
      user: "root",
      auth: { privateKey: user.private },
      hostKey: hostKeys[0]?.public,
      dialTimeoutSeconds: 5,
    },
    open,
    clients,
    stop: async () => {
      for (const client of clients) client.end();
      await new Promise((done) => server.close(done));
    },
  };
}

function holdsKey(context: AuthContext, expected: string): boolean {
  if (context.method !== "publickey") return false;
  const key = utils.parseKey(expected);
  if (key instanceof Error || !context.key.data.equals(key.getPublicSSH())) return false;
  const { signature, blob, hashAlgo } = context;
  return signature === undefined || blob === undefined || key.verify(blob, signature, hashAlgo);
}

function serve(client: Connection, { exec = shell, forward = "connect" }: ServerOptions): void {
  client.on("session", (accept) => {
    accept().on("exec", (acceptExec, _reject, { command }) => exec(command, acceptExec()));
  });
  client.on("tcpip", (accept, reject, { destIP, destPort }) => {
    if (forward === "refuse") return reject();
    const socket = connect(destPort, destIP);
    socket.once("error", () => reject());
    socket.once("connect", () => {
      const channel = accept();
      channel.on("error", () => socket.destroy());
      socket.on("error", () => channel.destroy());
      socket.pipe(channel).pipe(socket);
    });
  });
}

/** Runs a command for real, as sshd does. */
export function shell(command: string, channel: ServerChannel): void {
  const child = spawn("sh", ["-c", command], { stdio: "pipe" });
  channel.pipe(child.stdin).on("error", () => undefined);
  child.stdout.pipe(channel, { end: false });
  child.stderr.pipe(channel.stderr, { end: false });
  channel.on("close", () => child.kill());
  child.on("close", (code, signal) => {
    if (signal) channel.exit(signal.slice(3));
    else channel.exit(code ?? 255);
    channel.end();
  });
}

/** Answers every command with the same text. */
export const answer =
  (reply: (command: string) => { stdout?: string; stderr?: string; code?: number }) =>
  (command: string, channel: ServerChannel): void => {
    const { stdout = "", stderr = "", code = 0 } = reply(command);
    channel.stderr.write(stderr);
    channel.write(stdout);
    // Only once the input was read to its end: a real command reads it too.
    channel.on("end", () => {
      channel.exit(code);
      channel.end();
    });
    channel.resume();
  };
