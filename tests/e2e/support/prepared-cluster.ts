import { createHash } from "node:crypto";
import { cp, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { bootCopy, hasSnapshot, resume, saveSnapshot, snapshotFolder } from "../../../lab/snapshot";
import { ROOT } from "../../../offline/paths";
import { clusterConfig } from "./config";
import { bareMachine, leave, newMachine, orRemoved, type TestMachine } from "./machine";
import { Stack } from "./stack";

/** A machine that nodeprep has prepared as `node-0`, and its stack. */
export interface PreparedCluster {
  readonly machine: TestMachine;
  readonly stack: Stack;
  readonly stop: () => Promise<void>;
}

/** What a prepared machine and its state follow from. */
const sources = [
  "components",
  "config",
  "plan",
  "survey",
  "toolkit",
  "index.ts",
  "tests/e2e/support/config.ts",
];

async function hashOf(path: string): Promise<string> {
  if (!(await stat(path)).isDirectory())
    return createHash("sha256")
      .update(await readFile(path))
      .digest("hex");
  const names = (await readdir(path)).sort();
  const hashes = await Promise.all(names.map(async (name) => `${name} ${await hashOf(join(path, name))}`));
  return createHash("sha256").update(hashes.join("\n")).digest("hex");
}

async function preparedKey(machine: TestMachine): Promise<string> {
  const hashes = await Promise.all(sources.map((name) => hashOf(join(ROOT, name))));
  const hash = createHash("sha256")
    .update([machine.image.key, ...hashes].join("\n"))
    .digest("hex");
  return `prepared-${hash.slice(0, 16)}`;
}

/** The configuration of every prepared cluster. */
export const preparedConfig = (machine: TestMachine): Record<string, unknown> =>
  clusterConfig({ "node-0": { machine, role: "worker" } });

/** Keeps a machine and its stack right after the first update, for the suites that start there. */
export async function keepPrepared(machine: TestMachine, stack: Stack): Promise<void> {
  const key = await preparedKey(machine);
  if (await hasSnapshot(key)) return;
  await saveSnapshot(machine, key, async (folder) => {
    await cp(stack.folder, join(folder, "stack"), { recursive: true });
    await writeFile(join(folder, "port"), String(machine.port));
  });
}

/** A prepared cluster: from a snapshot, which is made where there is none. */
export async function preparedCluster(): Promise<PreparedCluster> {
  const fresh = await newMachine();
  const key = await preparedKey(fresh);
  if (!(await hasSnapshot(key))) return prepareNow();
  await orRemoved(fresh, () => resume(fresh, key));
  const stack = await Stack.open(join(snapshotFolder(key), "stack"), preparedConfig(fresh));
  await moveState(stack, await readFile(join(snapshotFolder(key), "port"), "utf8"), fresh.port);
  return cluster(fresh, stack);
}

/** A second machine, as the first of a prepared cluster was when it was kept; no stack knows it. */
export async function preparedTwin(): Promise<TestMachine> {
  const machine = await newMachine("base", 22, 1);
  return orRemoved(machine, async () => bootCopy(machine, await preparedKey(machine)));
}

/** The kept state names the port of the machine that it was made with; this worker's may be another. */
async function moveState(stack: Stack, from: string, to: number): Promise<void> {
  if (Number(from) === to) return;
  const named = new RegExp(`(port\\\\?":\\s*)${from}\\b`, "gi");
  await stack.rewriteState((text) => text.replace(named, `$1${to}`));
}

async function prepareNow(): Promise<PreparedCluster> {
  const machine = await bareMachine();
  const stack = await Stack.create(preparedConfig(machine));
  await orRemoved(machine, async () => {
    await stack.up();
    await keepPrepared(machine, stack);
  });
  return cluster(machine, stack);
}

const cluster = (machine: TestMachine, stack: Stack): PreparedCluster => ({
  machine,
  stack,
  stop: () => leave(stack, machine),
});
