import type { ServerChannel } from "ssh2";
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
  /** Stages that were given back to their owner. */
  undone: number;
  /** Of the connections, both ways. */
  bytes: number;
  /** Milliseconds from the end of the firewall's apply to the beginning of the one that confirms it. */
  unconfirmed: number;
  /** Connections meanwhile that began the firewall's window again. */
  held: number;
}

/** A simulated node: what it was told, and nothing else. */
export interface Node {
  readonly host: string;
  readonly health: Health;
  readonly machineId: string;
  readonly counts: NodeCounts;
  /** The requirements of each stage as last applied and for whom, for whom the last of all was, and its id. */
  readonly stages: Map<string, { readonly text: string; readonly owner: string }>;
  owner: string | undefined;
  apply: number;
  firewallAt: number;
  /** When the firewall's old rules come back; 0 where no window is open. */
  window: { readonly milliseconds: number; end: number };
}

export const noCounts = (): NodeCounts => ({
  logins: 0,
  commands: 0,
  applies: 0,
  undone: 0,
  bytes: 0,
  unconfirmed: 0,
  held: 0,
});
export const newNode = (host: string, original = host, health: Health = "well"): Node => ({
  host,
  health,
  machineId: Buffer.from(original).toString("hex").padEnd(32, "0"),
  counts: noCounts(),
  stages: new Map(),
  owner: undefined,
  apply: 0,
  firewallAt: 0,
  window: { milliseconds: 0, end: 0 },
});

/** Answers a command that came over SSH as a node's toolkit does, in the words of its protocol. */
export function answerTo(channel: ServerChannel, command: string, node: Node, delay: number): void {
  const input: Buffer[] = [];
  const refused = command.startsWith("echo ") && command.endsWith("; exit 1");
  const fails = refused || (node.health === "broken" && / apply (?!toolkit )/.test(command));
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
  const owner = / --as (\S+)/.exec(command)?.[1] ?? "";
  switch (verb) {
    case "facts":
      return facts(command, node);
    case "observe":
      return observe(owner, input, node);
    case "apply":
      node.counts.applies++;
      node.apply++;
      node.owner = owner;
      node.stages.set(stage, { text: input, owner });
      return stage === "toolkit" ? "os=Debian GNU/Linux 12 (bookworm)\nkernel=6.1.0\n" : "";
    case "undo":
      undo(node, stage, owner);
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

/** Only what is its owner's leaves, and the record with the last of it. */
function undo(node: Node, stage: string, owner: string): void {
  if (stage === "--all" && node.owner !== owner) return;
  const names = stage === "--all" ? [...node.stages.keys()] : [stage];
  for (const name of names.filter((one) => node.stages.get(one)?.owner === owner)) {
    node.stages.delete(name);
    node.counts.undone++;
  }
  if (stage === "--all" && node.stages.size === 0) Object.assign(node, { owner: undefined, apply: 0 });
}

/** What was not applied for this owner differs; of what only leaves, nothing is seen. The input begins with the script. */
function observe(owner: string, input: string, node: Node): string {
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
    const known = node.stages.get(name);
    const applied = new Set(known?.owner === owner ? requirementsOf(known.text) : []);
    const differing = requirements.filter((one) => !applied.has(one));
    return differing.map((one) => {
      const [kind, key] = one.split(/\s/);
      return `differs\t${name}\t${kind}:${key}\tis not so`;
    });
  });
  const meta = [
    ["format", recorded ? "1" : "none"],
    ["owner", node.owner ?? "none"],
    ["apply", recorded ? node.apply.toString(16) : "none"],
  ].map(([name, value]) => `meta\t${name}\t${value}`);
  const unknown = blocks
    .map((block) => block.slice(0, block.indexOf("\n")))
    .filter((name) => !node.stages.has(name));
  const news = unknown.length === 0 ? [] : [`meta\tnew\t${unknown.join(" ")}`];
  return [...meta, ...differences, ...news, `end\t${count}`, ""].join("\n");
}

/** Each with its body. */
const requirementsOf = (text: string): readonly string[] =>
  text.split(/\n(?! {2}\|)/).filter((one) => one !== "");
