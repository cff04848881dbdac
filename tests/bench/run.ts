import { readFileSync } from "node:fs";
import { join } from "node:path";
import { quote } from "../../plan/quote";
import { factsScript, observeScript, payloadLine, toolkitScript } from "../../toolkit/script";
import { clusterConfig } from "../e2e/support/config";
import { bareMachine } from "../e2e/support/machine";
import { Stack } from "../e2e/support/stack";
import { medianSeconds, mustBePrepared, printTable, round, runMain, seconds } from "./measure";

/*
 * Measures, in one run on machines of one kind: the first apply against the plain commands that reach the same state
 * (both pass the same outside checks), the preview with nothing to change, and what is kept. Prints a table.
 */
interface Row {
  readonly what: string;
  readonly measured: string;
  readonly target: string;
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
    const ssh = await medianSeconds(() => machine.freshLogin());
    const preview = await medianSeconds(() => stack.expectNoChanges());
    const nothing = await seconds(() => stack.up());
    const state = Buffer.byteLength(await stack.state());
    return { first, preview, nothing, ssh, state };
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
  await printTable(
    "bench",
    ["measured", "target"],
    rows.map(({ what, measured, target }) => [what, measured, target]),
  );
}

runMain(main);
