import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ours } from "../e2e/support/processes";
import { Stack } from "../e2e/support/stack";
import { printTable, round, runMain } from "../bench/measure";
import { fleetFiles } from "./config";
import { startFleet, type Fleet } from "./fleet";
import type { Health } from "./node";

/*
 * Seconds and memory of previews and updates with many simulated nodes (tests/many/fleet.ts), 3 % of them dead and 3 %
 * slow, each beside the engine alone with as many empty resources. `npm run bench:many -- 1 10 100 1000`; updates are
 * measured up to 100 nodes. Prints a table; with `--write`, it goes into docs/performance.md.
 */
const sizes = process.argv
  .slice(2)
  .map(Number)
  .filter((size) => size > 0);
const largestUpdate = 100;

interface Measured {
  readonly seconds: number;
  /** Of CLI, language host, program and provider together, at most. */
  readonly mebibytes: number;
}

/** Does the work, looking five times a second at what the stack's processes use. */
async function measure(stack: Stack, work: () => Promise<unknown>): Promise<Measured> {
  const started = Date.now();
  let most = 0;
  const timer = setInterval(() => (most = Math.max(most, memoryOf(stack.folder))), 200);
  try {
    await work();
  } finally {
    clearInterval(timer);
  }
  return { seconds: (Date.now() - started) / 1000, mebibytes: most };
}

function memoryOf(folder: string): number {
  const kilobytes = ours(folder).map(({ pid }) => {
    try {
      return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0);
    } catch {
      return 0; // it has ended meanwhile
    }
  });
  return Math.round(kilobytes.reduce((sum, one) => sum + one, 0) / 1024);
}

interface Row {
  readonly preview: Measured;
  readonly up?: Measured;
  /** Most connections at a time in the preview, and in the update. */
  readonly connections: readonly number[];
  /** The longest time for which a node's firewall waited to be confirmed, in seconds. */
  readonly unconfirmed?: number;
  /** Commands of one node. */
  readonly stages: number;
}

const health = (n: number): Health => (n % 33 === 16 ? "dead" : n % 33 === 24 ? "slow" : "well");

/** A preview as people see it; returns how many Commands it would create. */
async function preview(stack: Stack): Promise<number> {
  const { code, stdout, stderr } = await stack.run(["preview", "--config-file", stack.configFile]);
  if (code !== 0) throw new Error(`the preview ended with ${code}:\n${stdout.slice(-2000)}${stderr}`);
  return stdout.match(/command:remote:Command .* create\b/g)?.length ?? 0;
}

async function nodeprep(size: number): Promise<Row> {
  const fleet = await startFleet(size, health);
  const folder = mkdtempSync(join(tmpdir(), "nodeprep-many-"));
  const stack = await Stack.create(fleetFiles(fleet, folder));
  try {
    let commands = 0;
    const looked = await measure(stack, async () => (commands = await preview(stack)));
    const row = { preview: looked, connections: [fleet.open.most], stages: commands / size };
    return size > largestUpdate ? row : { ...row, ...(await update(stack, fleet, row)) };
  } finally {
    await stack.remove();
    await fleet.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function update(stack: Stack, fleet: Fleet, { connections }: Row): Promise<Partial<Row>> {
  fleet.reset();
  const up = await measure(stack, () => stack.tryUp());
  const waited = fleet.hosts.map((host) => fleet.counts(host).unconfirmed);
  return { up, connections: [...connections, fleet.open.most], unconfirmed: Math.max(...waited) / 1000 };
}

async function empty(nodes: number, stages: number): Promise<Row> {
  const program = {
    folder: join(__dirname, "empty"),
    config: () => ({ "empty:nodes": nodes, "empty:stages": stages }),
  };
  const stack = await Stack.create({}, { program });
  try {
    const looked = await measure(stack, () => preview(stack));
    const up = nodes > largestUpdate ? undefined : await measure(stack, () => stack.tryUp());
    return { preview: looked, ...(up ? { up } : {}), connections: [], stages };
  } finally {
    await stack.remove();
  }
}

const cells = (row: Measured | undefined): string[] =>
  row === undefined ? ["", ""] : [`${round(row.seconds)} s`, `${row.mebibytes} MiB`];

async function measured(size: number): Promise<string[]> {
  const ours = await nodeprep(size);
  const theirs = await empty(size, ours.stages);
  const all = [ours.preview, theirs.preview, ours.up, theirs.up].flatMap(cells);
  const waited = ours.unconfirmed === undefined ? "" : `${round(ours.unconfirmed)} s`;
  const row = [String(size), ...all, ours.connections.join(", "), waited];
  process.stderr.write(`${row.join(" | ")}\n`);
  return row;
}

async function main(): Promise<void> {
  const rows: string[][] = [];
  for (const size of sizes.length > 0 ? sizes : [1, 10, 100, 1000]) rows.push(await measured(size));
  const both = (what: string): string[] => [what, "memory", "engine alone", "memory"];
  await printTable("many", [...both("preview"), ...both("up"), "connections", "unconfirmed"], rows, "nodes");
}

runMain(main);
