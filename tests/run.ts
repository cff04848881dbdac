import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { parseArgs } from "node:util";
import { goProgram } from "../lab/binaries";
import { prepareHost, preparePrograms } from "../lab/host";
import { etcd, kubernetes } from "../lab/kubernetes";
import { toStderr } from "../lab/progress";
import { resolveEngine } from "../offline/engine";
import { checkSources } from "./run/checks";
import { describeCounts, nothing, nothingSkipped, sum, type Counts } from "./run/counts";
import { jest, type JestRun } from "./run/jest";
import { testPrograms } from "./run/programs";

/*
 * npm test: lint, types, shellcheck, unit tests, the toolkit under three shells, conformance of offline/, and one
 * end-to-end pass on a lab machine. npm run test:all: every other end-to-end suite and the attacks as well. The last
 * line has the number of tests over all of it.
 *
 *   --counts FILE     keep the numbers in a file
 *   --continue FILE   run only what a run that kept its numbers there left out, and add to them
 *
 * With CI=true nothing may be skipped: what is skipped counts as failed.
 */
const { values: options } = parseArgs({
  options: { all: { type: "boolean" }, counts: { type: "string" }, continue: { type: "string" } },
});

/** Milliseconds for one end-to-end test or hook, on a machine where everything is emulated. */
const E2E_LIMIT = 30 * 60_000;

/** Milliseconds for one unit test: jest's five seconds pass where a machine boots beside it. */
const UNIT_LIMIT = 60_000;

/** An emulated machine keeps one core busy, and the engine beside it not another one. */
const SIDE_BY_SIDE = 2;

const endToEnd = (lab: boolean, args: readonly string[], workers = SIDE_BY_SIDE): JestRun => ({
  project: "e2e",
  args: [`--maxWorkers=${workers}`, `--testTimeout=${E2E_LIMIT}`, ...args],
  countOnly: !lab,
  progress: true,
});

/** What attacks the toolkit and the connections for minutes: npm run test:all has them. */
const attacks =
  "/(cut|damaged|firewall-cut|firewall-timer|user-links|raced|sick-machine|bad-networks|many|late-confirm|operators|two-updates)\\.test\\.ts$";

/** As many of the shorter end-to-end suites as one lane does while two do the others. */
const short =
  "/e2e/(drift-table|not-bare|stand-ins|selinux|unreachable|drift|raced|examples|control-plane|lab-cli)\\.test\\.ts$";

/**
 * What of the toolkit looks at all processes of the machine, or at who holds the package manager's locks, and what makes
 * such processes: they would see one another, and are in one lane. `download` is there for its length alone.
 */
const seeing =
  "/toolkit/(cgroup-driver|download|facts(-\\w+)?|frozen-record|kubelet-unit|kubernetes-packages|leftovers|package(-\\w+)?|repository(-dnf)?|runtime-packages|undo-pods|user(-given-back)?)\\.test\\.ts$";

/** One suite at a time. */
const toolkit = (...args: readonly string[]): JestRun => ({
  project: "toolkit",
  args: ["--runInBand", ...args],
});

const conformance = (...args: readonly string[]): JestRun => ({
  project: "conformance",
  args: ["--runInBand", "--testTimeout=300000", ...args],
});

async function main(): Promise<number> {
  const lab = await prepare();
  const counts: Counts[] = options.continue ? [await kept(options.continue)] : await ordinary(lab);
  if (options.all) counts.push(...(await theOthers(lab)));
  const total = process.env["CI"] === "true" ? nothingSkipped(sum(counts)) : sum(counts);
  if (options.counts) await keep(options.counts, total);
  process.stdout.write(`${describeCounts(total)}\n`);
  return total.failed > 0 ? 1 : 0;
}

/** The attacks wait more than they work. Machines wait, too, for a part of their time: after the attacks there is one more. */
async function theOthers(lab: boolean): Promise<Counts[]> {
  const ready = lab ? await programs() : [];
  const both = await Promise.all([
    inTurn(
      () => jest(toolkit("--testPathPatterns", attacks)),
      () => jest(conformance("--testPathPatterns", attacks)),
      () => jest(oneMore(lab, "--testPathPatterns", short)),
    ),
    jest(endToEnd(lab, ["--testPathIgnorePatterns", "/pass\\.test\\.ts$", short])),
  ]);
  return [...ready, ...both];
}

/** One suite at a time beside those that run already, on ports of its own. */
const oneMore = (lab: boolean, ...args: readonly string[]): JestRun => ({
  ...endToEnd(lab, args, 1),
  env: { NODEPREP_E2E_PORT: "2490" },
});

/** Three at a time for two cores, which end at about the same time. */
async function ordinary(lab: boolean): Promise<Counts[]> {
  const ready = await engine();
  const all = await Promise.all([
    inTurn(
      checkSources,
      () => jest({ project: "unit", args: ["--coverage", `--testTimeout=${UNIT_LIMIT}`] }),
      () => jest(conformance("--testPathIgnorePatterns", attacks)),
      () => jest(toolkit("--testPathIgnorePatterns", seeing, attacks)),
    ),
    jest(toolkit("--testPathPatterns", seeing, "--testPathIgnorePatterns", attacks)),
    jest(endToEnd(lab, ["--testPathPatterns", "/pass\\.test\\.ts$"])),
  ]);
  return [...ready, ...all];
}

/** One after the other. */
async function inTurn(...runs: readonly (() => Promise<Counts>)[]): Promise<Counts> {
  const counts: Counts[] = [];
  for (const run of runs) counts.push(await run());
  return sum(counts);
}

/** Installs what the tests need; can the lab run here? Says what is missing. */
async function prepare(): Promise<boolean> {
  const absent = await preparePrograms(testPrograms);
  if (absent.length > 0) process.stdout.write(`Missing for the tests: ${absent.join(", ")}\n`);
  const missing = await prepareHost();
  if (missing.length > 0)
    process.stdout.write(
      `The end-to-end tests are skipped:\n${missing.map((line) => `  ${line}\n`).join("")}`,
    );
  return missing.length === 0;
}

/** Gets the engine before tests that need it: where it has to be built, that takes minutes, and says so. */
const engine = (): Promise<Counts[]> =>
  gotten(async () => {
    const { pulumi, version } = await resolveEngine({ log: toStderr });
    process.stdout.write(`Pulumi CLI ${version}: ${pulumi}\n`);
  });

/** Builds what a cluster is made of, where it is not in the cache, before suites run side by side and both build it. */
const programs = (): Promise<Counts[]> =>
  gotten(async () => {
    for (const program of [etcd, kubernetes]) await goProgram(program);
  });

/** What cannot be had is one failure. */
async function gotten(work: () => Promise<void>): Promise<Counts[]> {
  try {
    await work();
    return [];
  } catch (error) {
    process.stderr.write(`${String(error)}\n`);
    return [{ ...nothing, failed: 1 }];
  }
}

async function keep(file: string, counts: Counts): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, JSON.stringify(counts));
}

const kept = async (file: string): Promise<Counts> => JSON.parse(await readFile(file, "utf8")) as Counts;

main().then(
  (code) => (process.exitCode = code),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.stdout.write(`${describeCounts({ ...nothing, failed: 1 })}\n`);
    process.exitCode = 1;
  },
);
