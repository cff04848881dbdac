import { readFileSync } from "node:fs";
import { join } from "node:path";
import { quote } from "../../plan/quote";
import { factsScript, observeScript, payloadLine, toolkitScript } from "../../toolkit/script";
import { clusterConfig } from "../e2e/support/config";
import { bareMachine, type TestMachine } from "../e2e/support/machine";
import { Stack } from "../e2e/support/stack";
import { median, medianSeconds, mustBePrepared, printTable, round, runMain, seconds } from "./measure";

/*
 * Measures, in one run on machines of one kind: the first apply against the plain commands that reach the same state
 * (both pass the same outside checks; medians of three, each on a machine that is new, in turn), the preview with nothing
 * to change, and what is kept. Prints a table.
 */
interface Row {
  readonly what: string;
  readonly measured: string;
  readonly target?: string;
}

/** The same state by hand, on a machine of its own. */
async function plainCommands(): Promise<number> {
  const machine = await bareMachine();
  try {
    const script = readFileSync(join(__dirname, "plain.sh"), "utf8");
    const key = quote(machine.publicKey);
    const time = await seconds(() => machine.sh(`set -- ${key}\n${script}`));
    await mustBePrepared(machine, "plain commands");
    return time;
  } finally {
    await machine.stop();
  }
}

/** What is measured on a machine that is prepared. */
interface Prepared {
  readonly preview: number;
  readonly nothing: number;
  readonly ssh: number;
  readonly state: number;
}

/** The first apply on a machine of its own, in seconds, and what comes after it. */
async function firstUp<T>(after: (stack: Stack, machine: TestMachine) => Promise<T>): Promise<[number, T]> {
  const machine = await bareMachine();
  const stack = await Stack.create(clusterConfig({ "node-0": { machine, role: "worker" } }));
  try {
    const first = await seconds(() => stack.up());
    await mustBePrepared(machine, "nodeprep");
    return [first, await after(stack, machine)];
  } finally {
    await stack.remove();
    await machine.stop();
  }
}

async function measurePrepared(stack: Stack, machine: TestMachine): Promise<Prepared> {
  const ssh = await medianSeconds(() => machine.freshLogin());
  const preview = await medianSeconds(() => stack.expectNoChanges());
  const nothing = await medianSeconds(() => stack.up());
  return { preview, nothing, ssh, state: Buffer.byteLength(await stack.state()) };
}

/** Medians of three. */
interface FirstTime {
  readonly plain: number;
  readonly first: number;
  /** Of each first apply to the one by hand right before it: the host's speed changes from hour to hour. */
  readonly ratio: number;
}

/** First applies, ours and by hand; and the last machine that was prepared. */
async function measure(): Promise<Prepared & FirstTime> {
  const plains: number[] = [];
  const firsts: number[] = [];
  const once = async <T>(after: (stack: Stack, machine: TestMachine) => Promise<T>): Promise<T> => {
    plains.push(await plainCommands());
    const [first, seen] = await firstUp(after);
    firsts.push(first);
    return seen;
  };
  await once(() => Promise.resolve());
  await once(() => Promise.resolve());
  const prepared = await once(measurePrepared);
  const ratio = median(firsts.map((first, index) => first / (plains[index] ?? Number.NaN)));
  return { ...prepared, plain: median(plains), first: median(firsts), ratio };
}

const kilobytes = (bytes: number): string => `${round(bytes / 1024)} KB`;
const sizeOf = (text: string): string => kilobytes(Buffer.byteLength(text));

async function main(): Promise<void> {
  const { plain, first, ratio, ...ours } = await measure();
  const toolkit = toolkitScript();
  const rows: readonly Row[] = [
    { what: "`ssh true`", measured: `${round(ours.ssh)} s` },
    { what: "plain commands, first time", measured: `${round(plain)} s` },
    { what: "first `up`", measured: `${round(first)} s` },
    { what: "first `up` / plain commands", measured: round(ratio, 2), target: "≤ 1.1" },
    { what: "`preview`, nothing to change", measured: `${round(ours.preview)} s`, target: "≤ 10 s" },
    { what: "`up`, nothing to change", measured: `${round(ours.nothing)} s` },
    { what: "state of one node", measured: kilobytes(ours.state), target: "≤ 100 KB" },
    { what: "toolkit, source without comments", measured: sizeOf(toolkit.text), target: "≤ 40 KB" },
    { what: "toolkit, as it goes to a node once", measured: sizeOf(payloadLine(toolkit)) },
    {
      what: "what a survey sends",
      measured: sizeOf(payloadLine(factsScript()) + payloadLine(observeScript())),
    },
  ];
  await printTable(
    "bench",
    ["measured", "target"],
    rows.map(({ what, measured, target = "" }) => [what, measured, target]),
  );
}

runMain(main);
