import { readFileSync } from "node:fs";
import { join } from "node:path";
import { quote } from "../../plan/quote";
import { factsScript, observeScript, payloadLine, toolkitScript } from "../../toolkit/script";
import { clusterConfig } from "../e2e/support/config";
import { bareMachine, type TestMachine } from "../e2e/support/machine";
import { prepared } from "../e2e/support/prepared";
import { Stack } from "../e2e/support/stack";

/*
 * Measures, in one run on machines of one kind: the first apply against the plain commands that reach the same state
 * (both pass the same outside checks), the preview with nothing to change, and what is kept. Prints a table.
 */
interface Row {
  readonly what: string;
  readonly measured: string;
  readonly target: string;
}

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const started = process.hrtime.bigint();
  await work();
  return Number(process.hrtime.bigint() - started) / 1e9;
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

const round = (value: number, digits = 1): string => value.toFixed(digits);

async function mustBePrepared(machine: TestMachine, by: string): Promise<void> {
  const missing = await prepared(machine);
  if (missing.length > 0) throw new Error(`${by} did not prepare the machine:\n${missing.join("\n")}`);
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

async function nodeprep(): Promise<{
  first: number;
  preview: number;
  nothing: number;
  ssh: number;
  state: number;
}> {
  const machine = await bareMachine();
  const stack = await Stack.create(clusterConfig({ "node-0": { machine, role: "worker" } }));
  try {
    const first = await seconds(() => stack.up());
    await mustBePrepared(machine, "nodeprep");
    const preview: number[] = [];
    const ssh: number[] = [];
    for (let round = 0; round < 3; round++) {
      ssh.push(await seconds(() => machine.freshLogin()));
      preview.push(await seconds(() => stack.expectNoChanges()));
    }
    const nothing = await seconds(() => stack.up());
    const state = Buffer.byteLength(await stack.state());
    return { first, preview: median(preview), nothing, ssh: median(ssh), state };
  } finally {
    await stack.remove();
    await machine.stop();
  }
}

async function main(): Promise<void> {
  const plain = await plainCommands();
  const ours = await nodeprep();
  const kilobytes = (text: string): string => `${round(Buffer.byteLength(text) / 1024)} KB`;
  const survey = payloadLine(factsScript()) + payloadLine(observeScript());
  const rows: Row[] = [
    { what: "`ssh true`", measured: `${round(ours.ssh)} s`, target: "" },
    { what: "plain commands, first time", measured: `${round(plain)} s`, target: "" },
    { what: "first `up`", measured: `${round(ours.first)} s`, target: "" },
    { what: "first `up` / plain commands", measured: round(ours.first / plain, 2), target: "≤ 1.1" },
    { what: "`preview`, nothing to change", measured: `${round(ours.preview)} s`, target: "≤ 10 s" },
    { what: "`up`, nothing to change", measured: `${round(ours.nothing)} s`, target: "" },
    { what: "state of one node", measured: `${round(ours.state / 1024)} KB`, target: "≤ 100 KB" },
    {
      what: "toolkit, source without comments",
      measured: kilobytes(toolkitScript().text),
      target: "≤ 40 KB",
    },
    {
      what: "toolkit, as it goes to a node once",
      measured: kilobytes(payloadLine(toolkitScript())),
      target: "",
    },
    { what: "what a survey sends", measured: kilobytes(survey), target: "" },
  ];
  const table = rows.map(({ what, measured, target }) => `| ${what} | ${measured} | ${target} |`);
  process.stdout.write(["| | measured | target |", "|---|---|---|", ...table, ""].join("\n"));
}

void main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
