import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type AddressInfo, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Server, type Connection } from "ssh2";
import { ed25519Pair } from "../unit/ssh-keys";
import { answerTo, newNode, noCounts, type Health, type Node, type NodeCounts } from "./node";

/**
 * Simulated nodes: SSH servers in this process, each at an address of its own below 127.0.0.0/8 and all on one port, that
 * answer a survey and take applies as a node's toolkit does, in the words of its protocol. Nothing is done anywhere:
 * this is for counting connections, seconds and bytes with more nodes than there are machines, and for nothing else.
 */
export interface Fleet {
  readonly port: number;
  /** `type base64`, the same for all. */
  readonly hostKey: string;
  /** Where the key that is let in at first is; there until the fleet stops. */
  readonly privateKeyFile: string;
  /** The public keys that are let in, as base64 text. */
  readonly letIn: Set<string>;
  readonly hosts: readonly string[];
  /** Connections that are open now, dead nodes' not counted, and the most there were since `reset`. */
  readonly open: { now: number; most: number };
  readonly counts: (host: string) => Readonly<NodeCounts>;
  reset(): void;
  stop(): Promise<void>;
}

const slowness = 2000;

/** @param pace milliseconds that a command takes on every node. Default none */
export async function startFleet(
  size: number,
  health: (index: number) => Health,
  pace: (command: string) => number = () => 0,
): Promise<Fleet> {
  const keys = { host: ed25519Pair(), user: ed25519Pair() };
  const hosts = Array.from({ length: size }, (_, n) => `127.1.${Math.floor(n / 200)}.${(n % 200) + 1}`);
  const original = (n: number): string => hosts[health(n) === "clone" ? n - 1 : n] ?? "";
  const nodes = new Map(hosts.map((host, n) => [host, newNode(host, original(n), health(n))]));
  const open = { now: 0, most: 0 };
  const letIn = new Set([keyOf(keys.user.public)]);
  const sockets = new Set<Socket>();
  // One for each: connections to two nodes may come from one port, which does not tell whose they are.
  const serverOf = (node: Node) =>
    new Server({ hostKeys: [keys.host.private] }, (client) => {
      serve(client, node, (command) => (node.health === "slow" ? slowness : 0) + pace(command));
      client.on("error", () => undefined);
      client.on("authentication", (context) => {
        const known = context.method === "publickey" && letIn.has(context.key.data.toString("base64"));
        if (known) context.accept();
        else context.reject(["publickey"]);
      });
    });
  const servers = new Map([...nodes.values()].map((node) => [node, serverOf(node)]));
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket.on("error", () => undefined).on("close", () => sockets.delete(socket)));
    const node = nodes.get(socket.localAddress ?? "");
    if (node === undefined || node.health === "dead") return;
    open.most = Math.max(open.most, ++open.now);
    socket.on("close", () => {
      open.now--;
      node.counts.bytes += socket.bytesRead + socket.bytesWritten;
    });
    servers.get(node)?.injectSocket(socket);
  });
  server.listen(0, "0.0.0.0", 4096);
  await once(server, "listening");
  const folder = await mkdtemp(join(tmpdir(), "nodeprep-fleet-"));
  const privateKeyFile = join(folder, "key");
  await writeFile(privateKeyFile, keys.user.private, { mode: 0o600 });
  return {
    port: (server.address() as AddressInfo).port,
    hostKey: keys.host.public,
    privateKeyFile,
    letIn,
    hosts,
    open,
    counts: (host) => nodes.get(host)?.counts ?? noCounts(),
    reset: () => {
      open.most = open.now;
      for (const { counts } of nodes.values()) Object.assign(counts, noCounts());
    },
    stop: async () => {
      sockets.forEach((socket) => socket.destroy());
      await new Promise((done) => server.close(done));
      await rm(folder, { recursive: true });
    },
  };
}

/** The key in a line of authorized_keys. */
export const keyOf = (line: string): string => line.split(" ")[1] ?? "";

function serve(client: Connection, node: Node, delay: (command: string) => number): void {
  client.on("ready", () => node.counts.logins++);
  client.on("session", (accept) => {
    accept().on("exec", (acceptExec, _reject, { command }) => {
      node.counts.commands++;
      answerTo(acceptExec(), command, node, delay(command));
    });
  });
}
