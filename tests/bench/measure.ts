import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { format } from "prettier";
import { ROOT } from "../../offline/paths";
import { prepared } from "../e2e/support/prepared";
import type { TestMachine } from "../e2e/support/machine";

/** How long it takes, in seconds. */
export async function seconds(work: () => Promise<unknown>): Promise<number> {
  const started = process.hrtime.bigint();
  await work();
  return Number(process.hrtime.bigint() - started) / 1e9;
}

/** The one in the middle. */
export const median = (numbers: readonly number[]): number =>
  [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;

/** The median of three times, in seconds. */
export const medianSeconds = async (work: () => Promise<unknown>): Promise<number> =>
  median([await seconds(work), await seconds(work), await seconds(work)]);

export const round = (value: number, digits = 1): string => value.toFixed(digits);

/** Fails where the machine does not pass the outside checks of a prepared worker. */
export async function mustBePrepared(machine: TestMachine, by: string): Promise<void> {
  const missing = await prepared(machine);
  if (missing.length > 0) throw new Error(`${by} did not prepare the machine:\n${missing.join("\n")}`);
}

/**
 * Prints a table of markdown, with `what` and the date in its corner. With `--write`, it also takes the place of the
 * table of that name in docs/performance.md.
 */
export async function printTable(
  name: string,
  head: readonly string[],
  rows: readonly (readonly string[])[],
  what = "emulated Debian 12",
): Promise<void> {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  const corner = `${what}, ${new Date().toISOString().slice(0, 10)}`;
  const table = [line([corner, ...head]), line(["---", ...head.map(() => "---")]), ...rows.map(line)].join(
    "\n",
  );
  process.stdout.write(`${table}\n`);
  if (process.argv.includes("--write")) await writeTable(name, table);
}

async function writeTable(name: string, table: string): Promise<void> {
  const path = join(ROOT, "docs", "performance.md");
  const text = await readFile(path, "utf8");
  const place = new RegExp(`(<!-- ${name} -->\n)[^]*?(\n<!-- end -->)`);
  if (!place.test(text)) throw new Error(`${path} has no place for the table "${name}"`);
  const page = text.replace(place, (_all, before: string, after: string) => `${before}\n${table}\n${after}`);
  await writeFile(path, await format(page, { parser: "markdown", printWidth: 120, proseWrap: "preserve" }));
}

/** Runs a program to its end; what it throws is its exit code. */
export function runMain(main: () => Promise<void>): void {
  void main().catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  });
}
