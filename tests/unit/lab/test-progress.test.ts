import { join } from "node:path";
import { ROOT } from "../../../offline/paths";
import { Progress } from "../../run/progress";

const test1 = { ancestorTitles: ["one machine"], title: "prepares it" };
const file = { path: join(ROOT, "tests/e2e/pass.test.ts") };

describe("the progress of long tests", () => {
  let said: string[];
  let progress: Progress;
  beforeEach(() => {
    jest.useFakeTimers();
    said = [];
    progress = new Progress((line) => said.push(line));
  });
  afterEach(() => {
    progress.onRunComplete();
    jest.useRealTimers();
  });

  test("names a test as it begins and as it ends, and what runs for long once a minute", () => {
    progress.onTestFileStart(file);
    jest.advanceTimersByTime(61_000);
    progress.onTestCaseStart(file, test1);
    jest.advanceTimersByTime(125_000);
    progress.onTestCaseResult(file, { ...test1, status: "passed", duration: 125_000 });
    progress.onTestFileResult(file);
    jest.advanceTimersByTime(600_000);
    expect(said).toEqual([
      "begins: tests/e2e/pass.test.ts",
      "still running: tests/e2e/pass.test.ts, getting ready, 60 s",
      "begins: one machine › prepares it",
      "still running: one machine › prepares it, 60 s",
      "still running: one machine › prepares it, 120 s",
      "passed: one machine › prepares it, 125 s",
    ]);
  });

  test("still names the one that runs where jest is late to say how the one before ended", () => {
    progress.onTestCaseStart(file, test1);
    progress.onTestCaseStart(file, { ...test1, title: "gives it back" });
    progress.onTestCaseResult(file, { ...test1, status: "passed", duration: 1000 });
    jest.advanceTimersByTime(61_000);
    expect(said).toContain("still running: one machine › gives it back, 60 s");
  });

  test("watches files that run side by side", () => {
    const other = { path: join(ROOT, "tests/e2e/undo.test.ts") };
    progress.onTestFileStart(file);
    progress.onTestFileStart(other);
    progress.onTestFileResult(other);
    jest.advanceTimersByTime(61_000);
    expect(said.slice(2)).toEqual(["still running: tests/e2e/pass.test.ts, getting ready, 60 s"]);
  });

  test("gives a failure's first line at once, without colours", () => {
    const failureMessages = ["\u001b[31mError: no SSH\u001b[39m\n    at somewhere"];
    progress.onTestCaseResult(file, { ...test1, status: "failed", duration: 2000, failureMessages });
    expect(said).toEqual(["failed: one machine › prepares it, 2 s: Error: no SSH"]);
  });

  test("is silent about what is skipped", () => {
    progress.onTestCaseResult(file, { ...test1, status: "pending" });
    expect(said).toEqual([]);
  });
});
