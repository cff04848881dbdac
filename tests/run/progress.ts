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

/**
 * A reporter of jest for tests that take minutes: names each test as it begins and ends, with its seconds, and
 * once a minute what is still running. One line each, so that it reads well in a file, too.
 */
export class Progress {
  private timer: NodeJS.Timeout | undefined;
  private file = "";

  constructor(private readonly say: Say = toStderr) {}

  onTestFileStart(test: { readonly path: string }): void {
    this.file = relative(ROOT, test.path);
    this.say(`begins: ${this.file}`);
    this.watch(`${this.file}, getting ready`);
  }

  onTestCaseStart(_test: unknown, test: Beginning): void {
    this.say(`begins: ${nameOf(test)}`);
    this.watch(nameOf(test));
  }

  onTestCaseResult(_test: unknown, result: Ending): void {
    const { status, duration, failureMessages = [] } = result;
    this.watch(`${this.file}, between two tests`);
    if (status !== "passed" && status !== "failed") return;
    const why = failureMessages[0] === undefined ? "" : `: ${firstLine(failureMessages[0])}`;
    this.say(`${status}: ${nameOf(result)}, ${seconds(duration ?? 0)}${why}`);
  }

  onTestFileResult(): void {
    clearInterval(this.timer);
  }

  onRunComplete(): void {
    clearInterval(this.timer);
  }

  private watch(what: string): void {
    clearInterval(this.timer);
    const start = Date.now();
    this.timer = setInterval(() => this.say(`still running: ${what}, ${seconds(Date.now() - start)}`), EVERY);
    this.timer.unref();
  }
}
