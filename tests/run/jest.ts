import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { show } from "./checks";
import { nothing, type Counts } from "./counts";

export interface JestRun {
  /** Project of jest.config.js. */
  readonly project: "unit" | "toolkit" | "conformance" | "e2e";
  /** Further arguments of jest. */
  readonly args?: readonly string[];
  /** Counts the tests without running one. */
  readonly countOnly?: boolean;
  /** More of the environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Names each test as it begins and ends: for tests that take minutes. */
  readonly progress?: boolean;
}

/** What is wanted of jest's report. */
interface Report {
  readonly numRuntimeErrorTestSuites: number;
  readonly testResults: readonly {
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
  }[];
}

/**
 * Tests of Pulumi's own provider, where it is not installed: there is nothing to test then, on this machine or on a
 * build machine, and they count as neither passed nor skipped.
 */
const notApplicable = /^Pulumi's provider /;

const PROGRESS = join(__dirname, "progress-reporter.js");
const LONGEST_FIRST = join(__dirname, "longest-first.js");

/** Runs one project, shows its progress, and returns its numbers. */
export async function jest(run: JestRun): Promise<Counts> {
  const folder = await mkdtemp(join(tmpdir(), "nodeprep-jest-"));
  try {
    const file = join(folder, "report.json");
    const report = ["--json", "--outputFile", file];
    const what = ["--selectProjects", run.project, "--passWithNoTests", ...(run.args ?? [])];
    // No test has this name, so all are counted as skipped, and their hooks do not run.
    const names = run.countOnly ? ["--testNamePattern", "^no test at all$", "--silent"] : [];
    const reporters =
      run.progress && !run.countOnly ? ["--reporters", "default", "--reporters", PROGRESS] : [];
    const sequence = run.project === "e2e" ? ["--testSequencer", LONGEST_FIRST] : [];
    const words = [...what, ...names, ...reporters, ...sequence, ...report];
    const code = await show("jest", words, { ...process.env, ...run.env });
    return numbers(code, await readFile(file, "utf8").catch(() => ""));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A run that failed without a failed test (coverage too low, a suite that cannot be loaded) is one failure. */
export function numbers(code: number, text: string): Counts {
  if (text === "") return { ...nothing, failed: 1 };
  const report = JSON.parse(text) as Report;
  const tests = report.testResults.flatMap((suite) => suite.assertionResults);
  const applicable = tests.filter(
    ({ status, fullName }) => status === "passed" || !notApplicable.test(fullName),
  );
  const passed = applicable.filter(({ status }) => status === "passed").length;
  const failed = applicable.filter(({ status }) => status === "failed").length;
  const broken = failed + report.numRuntimeErrorTestSuites;
  return {
    passed,
    failed: code !== 0 && broken === 0 ? 1 : broken,
    skipped: applicable.length - passed - failed,
  };
}
