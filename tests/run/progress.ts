import { relative } from "node:path";
import { toStderr, type Say } from "../../lab/progress";
import { ROOT } from "../../offline/paths";

/** What is wanted of jest's test, */
interface Beginning {
  readonly ancestorTitles: readonly string[];
  readonly title: string;
}

/** and of its result. */
interface Ending extends Beginning {
  readonly status: string;
  /** Milliseconds. */
  readonly duration?: number | null;
  readonly failureMessages?: readonly string[];
}

/** Milliseconds after which a test that still runs is named again. */
const EVERY = 60_000;

const seconds = (milliseconds: number): string => `${Math.round(milliseconds / 1000)} s`;
const nameOf = ({ ancestorTitles, title }: Beginning): string => [...ancestorTitles, title].join(" › ");
const firstLine = (text: string): string => text.replace(/\u001b\[[0-9;]*m/g, "").split("\n", 1)[0] ?? "";

/** What jest says of a test's file. */
interface TestFile {
  readonly path: string;
}

/**
 * A reporter of jest for tests that take minutes: names each test as it begins and ends, with its seconds, and
 * once a minute what is still running. One line each, so that it reads well in a file, too. Files run side by side.
 */
export class Progress {
  private readonly timers = new Map<string, NodeJS.Timeout>();
  /** What is being waited for in each file. */
  private readonly waitsFor = new Map<string, string>();

  constructor(private readonly say: Say = toStderr) {}

  onTestFileStart({ path }: TestFile): void {
    this.say(`begins: ${relative(ROOT, path)}`);
    this.watch(path, `${relative(ROOT, path)}, getting ready`);
  }

  onTestCaseStart({ path }: TestFile, test: Beginning): void {
    this.say(`begins: ${nameOf(test)}`);
    this.watch(path, nameOf(test));
  }

  onTestCaseResult({ path }: TestFile, result: Ending): void {
    const { status, duration, failureMessages = [] } = result;
    // jest may say that the next one begins before it says how this one ended.
    if (this.waitsFor.get(path) === nameOf(result))
      this.watch(path, `${relative(ROOT, path)}, between two tests`);
    if (status !== "passed" && status !== "failed") return;
    const why = failureMessages[0] === undefined ? "" : `: ${firstLine(failureMessages[0])}`;
    this.say(`${status}: ${nameOf(result)}, ${seconds(duration ?? 0)}${why}`);
  }

  onTestFileResult({ path }: TestFile): void {
    clearInterval(this.timers.get(path));
  }

  onRunComplete(): void {
    for (const timer of this.timers.values()) clearInterval(timer);
  }

  private watch(path: string, what: string): void {
    clearInterval(this.timers.get(path));
    this.waitsFor.set(path, what);
    const start = Date.now();
    const timer = setInterval(
      () => this.say(`still running: ${what}, ${seconds(Date.now() - start)}`),
      EVERY,
    );
    timer.unref();
    this.timers.set(path, timer);
  }
}
