import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Stack } from "../e2e/support/stack";
import { fleetConfig } from "./config";
import { startFleet, type Health } from "./fleet";

/*
 * Seconds and memory of previews and updates with many simulated nodes (tests/many/fleet.ts), 3 % of them dead and 3 %
 * slow, each beside the engine alone with as many empty resources. `npm run bench:many -- 1 10 100 1000`; updates are
 * measured up to 100 nodes. Prints a table.
 */
const sizes = process.argv.slice(2).map(Number);
const largestUpdate = 100;

interface Measured {
  readonly seconds: number;
  /** Of CLI, language host, program and provider together, at most. */
  readonly mebibytes: number;
}

/** Does the work, looking ten times a second at what the stack's processes use. */
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
  const kilobytes = readdirSync("/proc")
    .filter((pid) => /^\d+$/.test(pid))
    .map((pid) => {
      try {
        if (!readFileSync(`/proc/${pid}/environ`, "utf8").includes(`PULUMI_HOME=${folder}/`)) return 0;
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
  /** Commands of one node. */
  readonly stages: number;
}

async function nodeprep(size: number): Promise<Row> {
  const health = (n: number): Health => (n % 33 === 16 ? "dead" : n % 33 === 24 ? "slow" : "well");
  const fleet = await startFleet(size, health);
  const folder = mkdtempSync(join(tmpdir(), "nodeprep-many-"));
  const key = join(folder, "key");
  writeFileSync(key, fleet.privateKey, { mode: 0o600 });
  const stack = await Stack.create(fleetConfig(fleet, key));
  try {
    let changes: readonly string[] = [];
    const preview = await measure(stack, async () => ({ changes } = await stack.preview()));
    const connections = [fleet.open.most];
    fleet.reset();
    const up = size > largestUpdate ? undefined : await measure(stack, () => stack.tryUp());
    if (up) connections.push(fleet.open.most);
    return { preview, ...(up ? { up } : {}), connections, stages: changes.length / size };
  } finally {
    await stack.remove();
    await fleet.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function empty(nodes: number, stages: number): Promise<Row> {
  const program = {
    folder: join(__dirname, "empty"),
    config: () => ({ "empty:nodes": nodes, "empty:stages": stages }),
  };
  const stack = await Stack.create({}, program);
  try {
    const preview = await measure(stack, () => stack.preview());
    const up = nodes > largestUpdate ? undefined : await measure(stack, () => stack.tryUp());
    return { preview, ...(up ? { up } : {}), connections: [], stages };
  } finally {
    await stack.remove();
  }
}

const cells = (row: Measured | undefined): string =>
  row === undefined ? "| | " : `| ${row.seconds.toFixed(1)} s | ${row.mebibytes} MiB `;

async function main(): Promise<void> {
  process.stdout.write(
    "| nodes | preview | memory | engine alone | memory | up | memory | engine alone | memory | connections |\n" +
      `|${"---|".repeat(10)}\n`,
  );
  for (const size of sizes.length > 0 ? sizes : [1, 10, 100, 1000]) {
    const ours = await nodeprep(size);
    const theirs = await empty(size, ours.stages);
    const both = `${cells(ours.preview)}${cells(theirs.preview)}${cells(ours.up)}${cells(theirs.up)}`;
    process.stdout.write(`| ${size} ${both}| ${ours.connections.join(", ")} |\n`);
  }
}

void main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exitCode = 1;
});
