import { bareMachine } from "../../e2e/support/machine";
import { mustBePrepared, medianSeconds, printTable, round, runMain, seconds } from "../measure";
import { installPeers, versions } from "./install";
import { ansible, nodeprep, pyinfra, type Tool, type ToolFor } from "./tools";

/*
 * Measures nodeprep against Ansible and pyinfra: the same work, each on a machine of its own from the same image, one
 * after the other, passing the same outside checks. First apply once, the others the median of three. Needs half an
 * hour, Python 3 with venv, and PyPI. A name as the argument (`ansible`) measures that one alone.
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

async function measure(name: string, make: ToolFor, bin: string): Promise<Times> {
  const machine = await bareMachine();
  let tool: Tool | undefined;
  try {
    const ready = (tool = await make(machine, bin));
    const prepare = ready.prepare ? await seconds(ready.prepare) : 0;
    const first = await seconds(ready.apply);
    await mustBePrepared(machine, name);
    const nothing = await medianSeconds(ready.apply);
    // A check counts only if it sees what it is for.
    await machine.sh("sysctl -qw net.ipv4.ip_forward=0");
    const check = await medianSeconds(async () => {
      const said = await ready.check();
      if (!ready.sees.test(said)) throw new Error(`${name} does not see a sysctl that has changed:\n${said}`);
    });
    await ready.apply();
    await mustBePrepared(machine, `${name}, once more,`);
    return { prepare, first, nothing, check };
  } finally {
    await tool?.stop?.();
    await machine.stop();
  }
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
