import { bareMachine, type TestMachine } from "../../e2e/support/machine";
import { median, medianSeconds, mustBePrepared, printTable, round, runMain, seconds } from "../measure";
import { installPeers, versions } from "./install";
import { ansible, nodeprep, pyinfra, type Tool, type ToolFor } from "./tools";

/*
 * Measures nodeprep against Ansible and pyinfra: the same work, each on machines of its own from the same image, one
 * after the other, passing the same outside checks; medians of three, first applies each on a machine that is new. Needs
 * 50 minutes, Python 3 with venv, and PyPI. A name as the argument (`ansible`) measures that one alone.
 */
interface Times {
  readonly prepare: number;
  readonly first: number;
  readonly nothing: number;
  readonly check: number;
}

const tools: Readonly<Record<string, ToolFor>> = {
  nodeprep,
  [`Ansible ${versions.ansible}, pipelining`]: ansible,
  [`pyinfra ${versions.pyinfra}`]: pyinfra,
};

/** Does the work with the tool and a machine that is new, and ends both. */
async function onNewMachine<T>(
  make: ToolFor,
  bin: string,
  work: (tool: Tool, machine: TestMachine) => Promise<T>,
): Promise<T> {
  const machine = await bareMachine();
  let tool: Tool | undefined;
  try {
    return await work((tool = await make(machine, bin)), machine);
  } finally {
    await tool?.stop?.();
    await machine.stop();
  }
}

async function measure(name: string, make: ToolFor, bin: string): Promise<Times> {
  const first = async (tool: Tool, machine: TestMachine): Promise<Pick<Times, "prepare" | "first">> => {
    const prepare = tool.prepare ? await seconds(tool.prepare) : 0;
    const time = await seconds(tool.apply);
    await mustBePrepared(machine, name);
    return { prepare, first: time };
  };
  const once = await onNewMachine(make, bin, first);
  const twice = await onNewMachine(make, bin, first);
  return onNewMachine(make, bin, async (tool, machine) => {
    const all = [once, twice, await first(tool, machine)];
    const nothing = await medianSeconds(tool.apply);
    // A check counts only if it sees what it is for.
    await machine.sh("sysctl -qw net.ipv4.ip_forward=0");
    const check = await medianSeconds(async () => {
      const said = await tool.check();
      if (!tool.sees.test(said)) throw new Error(`${name} does not see a sysctl that has changed:\n${said}`);
    });
    await tool.apply();
    await mustBePrepared(machine, `${name}, once more,`);
    const middle = (which: "prepare" | "first"): number => median(all.map((one) => one[which]));
    return { prepare: middle("prepare"), first: middle("first"), nothing, check };
  });
}

async function main(): Promise<void> {
  const only = process.argv
    .slice(2)
    .find((word) => !word.startsWith("-"))
    ?.toLowerCase();
  const bin = await installPeers();
  const rows: string[][] = [];
  for (const [name, make] of Object.entries(tools)) {
    if (only !== undefined && !name.toLowerCase().startsWith(only)) continue;
    const { prepare, first, nothing, check } = await measure(name, make, bin);
    const before = prepare > 0 ? ` (Python before that: ${round(prepare, 0)} s)` : "";
    rows.push([name, `${round(first, 0)} s${before}`, `${round(nothing)} s`, `${round(check)} s`]);
    process.stderr.write(`${rows.at(-1)?.join(" | ") ?? ""}\n`);
  }
  await printTable("peers", ["first apply", "nothing to change", "drift check"], rows);
}

runMain(main);
