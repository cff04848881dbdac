import { once } from "node:events";
import { createServer, type AddressInfo, type Socket } from "node:net";
import { Server, type Connection, type ServerChannel } from "ssh2";
import { ed25519Pair } from "../unit/ssh-keys";
import { factsOutput } from "../unit/survey/fixtures";

/**
 * How a simulated node is: `slow` takes two seconds over everything, `dead` takes connections and never speaks, `clone`
 * has the machine-id of the node before it, and on a `broken` one nothing after the toolkit can be applied.
 */
export type Health = "well" | "slow" | "dead" | "clone" | "broken";

/** What the fleet saw of one node. */
export interface NodeCounts {
  /** Connections that were logged in. */
  logins: number;
  commands: number;
  /** Of these, the ones that would change the node. */
  applies: number;
  /** Of the connections, both ways. */
  bytes: number;
  /** Milliseconds from the end of the firewall's apply to the beginning of the one that confirms it. */
  unconfirmed: number;
  /** Connections meanwhile that began the firewall's window again. */
  held: number;
}

/**
 * Simulated nodes: SSH servers in this process, each at an address of its own below 127.0.0.0/8 and all on one port, that
 * answer a survey and take applies as a node's toolkit does, in the words of its protocol. Nothing is done anywhere:
 * this is for counting connections, seconds and bytes with more nodes than there are machines, and for nothing else.
 */
export interface Fleet {
  readonly port: number;
  /** `type base64`, the same for all. */
  readonly hostKey: string;
  readonly privateKey: string;
  /** The public keys that are let in, as base64 text; at first that of `privateKey`. */
  readonly letIn: Set<string>;
  readonly hosts: readonly string[];
  /** Connections that are open now, dead nodes' not counted, and the most there were since `reset`. */
  readonly open: { now: number; most: number };
  readonly counts: (host: string) => Readonly<NodeCounts>;
  reset(): void;
  stop(): Promise<void>;
}

const slowness = 2000;

interface Node {
  readonly host: string;
  readonly health: Health;
  readonly machineId: string;
  readonly counts: NodeCounts;
  /** The requirements of each stage as last applied, and the id of that apply. */
  readonly stages: Map<string, string>;
  apply: number;
  firewallAt: number;
  /** When the firewall's old rules come back; 0 where no window is open. */
  window: { readonly milliseconds: number; end: number };
}

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
  return {
    port: (server.address() as AddressInfo).port,
    hostKey: keys.host.public,
    privateKey: keys.user.private,
    letIn,
    hosts,
    open,
    counts: (host) => nodes.get(host)?.counts ?? noCounts(),
    reset: () => {
      open.most = open.now;
      for (const { counts } of nodes.values()) Object.assign(counts, noCounts());
    },
    stop: () => {
      sockets.forEach((socket) => socket.destroy());
      return new Promise((done) => server.close(() => done()));
    },
  };
}

/** The key in a line of authorized_keys. */
export const keyOf = (line: string): string => line.split(" ")[1] ?? "";

const noCounts = (): NodeCounts => ({
  logins: 0,
  commands: 0,
  applies: 0,
  bytes: 0,
  unconfirmed: 0,
  held: 0,
});
const newNode = (host: string, original = host, health: Health = "well"): Node => ({
  host,
  health,
  machineId: Buffer.from(original).toString("hex").padEnd(32, "0"),
  counts: noCounts(),
  stages: new Map(),
  apply: 0,
  firewallAt: 0,
  window: { milliseconds: 0, end: 0 },
});

function serve(client: Connection, node: Node, delay: (command: string) => number): void {
  client.on("ready", () => node.counts.logins++);
  client.on("session", (accept) => {
    accept().on("exec", (acceptExec, _reject, { command }) => {
      node.counts.commands++;
      run(acceptExec(), command, node, delay(command));
    });
  });
}

function run(channel: ServerChannel, command: string, node: Node, delay: number): void {
  const input: Buffer[] = [];
  const fails = node.health === "broken" && / apply (?!toolkit )/.test(command);
  const late = command.includes(" apply firewall-confirm ") && confirmsLate(node);
  channel.on("data", (bytes: Buffer) => input.push(bytes));
  channel.on("end", () => {
    setTimeout(() => {
      const text = Buffer.concat(input).toString();
      if (late) channel.stderr.write("nodeprep: error: the firewall's rules were not confirmed in time");
      else if (fails) channel.stderr.write("nodeprep: error: this machine is broken\n");
      else channel.write(answer(command, text, node));
      if (command.includes(" apply firewall ")) openWindow(node, text);
      if (command.includes(" apply firewall-confirm ") && !late) node.window.end = 0;
      if (command.endsWith(" firewall-hold")) hold(node);
      channel.exit(late || fails ? 1 : 0);
      channel.end();
    }, delay);
  });
}

function openWindow(node: Node, requirements: string): void {
  const milliseconds = Number(/confirm-within=(\d+)/.exec(requirements)?.[1]) * 1000;
  node.firewallAt = Date.now();
  node.window = { milliseconds, end: node.firewallAt + milliseconds };
}

function hold({ counts, window }: Node): void {
  if (Date.now() > window.end) return;
  counts.held++;
  window.end = Date.now() + window.milliseconds;
}

function confirmsLate(node: Node): boolean {
  node.counts.unconfirmed = Date.now() - node.firewallAt;
  return node.window.end !== 0 && Date.now() > node.window.end;
}

/** What the toolkit would print; the verb is a word of the command line, as the engine's lines and the survey's have it. */
function answer(command: string, input: string, node: Node): string {
  const [, verb, stage = ""] = /\b(facts|observe|apply|undo)\b(?: ([a-z-]+))?/.exec(command) ?? [];
  switch (verb) {
    case "facts":
      return facts(command, node);
    case "observe":
      return observe(command, input, node);
    case "apply":
      node.counts.applies++;
      node.apply++;
      node.stages.set(stage, input);
      return stage === "toolkit" ? "os=Debian GNU/Linux 12 (bookworm)\nkernel=6.1.0\n" : "";
    case "undo":
      if (stage === "" || stage === "toolkit") node.stages.clear();
      else node.stages.delete(stage);
      return "";
    default:
      return "";
  }
}

function facts(command: string, { host, machineId }: Node): string {
  const files = [...command.matchAll(/--file /g)].map((_, index) => `file=${index + 1} absent`);
  const packages = [...command.matchAll(/--package (\S+)/g)].map(
    ([, name]) => `package.candidate=${name} 1.6.20~ds1-1+deb12u1`,
  );
  return factsOutput({ hostname: host, "machine-id": machineId }, [...packages, ...files]);
}

/** What was not applied differs; of what only leaves, nothing is seen. The first line of the input is the script. */
function observe(command: string, input: string, node: Node): string {
  const owner = /--as (\S+)/.exec(command)?.[1] ?? "none";
  const recorded = node.apply > 0;
  const blocks = input
    .slice(input.indexOf("\n") + 1)
    .split(/^stage /m)
    .slice(1);
  let count = 0;
  const differences = blocks.flatMap((block) => {
    const name = block.slice(0, block.indexOf("\n"));
    const text = block.slice(block.indexOf("\n") + 1);
    const requirements = requirementsOf(text);
    count += requirements.length;
    const applied = new Set(requirementsOf(node.stages.get(name) ?? ""));
    const differing = requirements.filter((one) => !applied.has(one));
    return differing.map((one) => {
      const [kind, key] = one.split(/\s/);
      return `differs\t${name}\t${kind}:${key}\tis not so`;
    });
  });
  const meta = [
    ["format", recorded ? "1" : "none"],
    ["owner", recorded ? owner : "none"],
    ["apply", recorded ? node.apply.toString(16) : "none"],
  ].map(([name, value]) => `meta\t${name}\t${value}`);
  return [...meta, ...differences, `end\t${count}`, ""].join("\n");
}

/** Each with its body. */
const requirementsOf = (text: string): readonly string[] =>
  text.split(/\n(?! {2}\|)/).filter((one) => one !== "");
