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
  /** The requirements of each stage as last applied, and the id of that apply. */
  readonly stages: Map<string, string>;
  apply: number;
  firewallAt: number;
  /** When the firewall's old rules come back; 0 where no window is open. */
  window: { readonly milliseconds: number; end: number };
}

export const noCounts = (): NodeCounts => ({
  logins: 0,
  commands: 0,
  applies: 0,
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
  apply: 0,
  firewallAt: 0,
  window: { milliseconds: 0, end: 0 },
});

/** Answers a command that came over SSH as a node's toolkit does, in the words of its protocol. */
export function answerTo(channel: ServerChannel, command: string, node: Node, delay: number): void {
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
  const unknown = blocks
    .map((block) => block.slice(0, block.indexOf("\n")))
    .filter((name) => !node.stages.has(name));
  const news = unknown.length === 0 ? [] : [`meta\tnew\t${unknown.join(" ")}`];
  return [...meta, ...differences, ...news, `end\t${count}`, ""].join("\n");
}

/** Each with its body. */
const requirementsOf = (text: string): readonly string[] =>
  text.split(/\n(?! {2}\|)/).filter((one) => one !== "");
