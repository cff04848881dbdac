import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";

export interface RunOptions {
  readonly cwd?: string;
  /** The whole environment; that of this process where it is left out. */
  readonly env?: NodeJS.ProcessEnv;
  /** Sent on stdin; nothing where it is left out. */
  readonly input?: string;
  /** Called for every line of stdout and stderr as it comes. */
  readonly onLine?: (line: string, stream: "stdout" | "stderr") => void;
  /** Milliseconds after which the process is interrupted, and killed ten seconds later. Unbounded by default. */
  readonly timeout?: number;
  /** Aborting it interrupts the process as Ctrl-C does; it is killed after another minute. */
  readonly signal?: AbortSignal;
}

export interface RunResult {
  /** The exit code; -1 where a signal ended the process, as after `timeout` or an abort. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a program to its end and returns what it wrote, whatever its exit code.
 *
 * @throws Error when it cannot be started
 */
export async function run(
  file: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<RunResult> {
  const child = spawn(file, args, { cwd: options.cwd, env: options.env, stdio: "pipe" });
  const stopWatching = interruptWhenAsked(child, options);
  child.stdin.on("error", () => undefined); // a program that ends without reading its input is no fault
  child.stdin.end(options.input ?? "");
  try {
    const [code, stdout, stderr] = await Promise.all([
      exitCode(child, file),
      collect(child.stdout, "stdout", options),
      collect(child.stderr, "stderr", options),
    ]);
    return { code, stdout, stderr };
  } finally {
    stopWatching();
  }
}

/**
 * Runs a program that has to succeed; returns its stdout.
 *
 * @throws Error with the command and what it wrote on stderr.
 */
export async function must(file: string, args: readonly string[], cwd?: string): Promise<string> {
  const { code, stdout, stderr } = await run(file, args, cwd === undefined ? {} : { cwd });
  if (code !== 0) throw new Error(`${file} ${args.join(" ")} ended with ${code}: ${stderr.trim()}`);
  return stdout;
}

type Child = ReturnType<typeof spawn>;

function exitCode(child: Child, file: string): Promise<number> {
  return new Promise((resolve, reject) => {
    child.on("error", (error) => reject(new Error(`${file} cannot be started: ${error.message}`)));
    child.on("close", (code) => resolve(code ?? -1));
  });
}

async function collect(stream: Readable, name: "stdout" | "stderr", options: RunOptions): Promise<string> {
  const chunks: Buffer[] = [];
  stream.on("data", (chunk: Buffer) => chunks.push(chunk));
  if (options.onLine) createInterface(stream).on("line", (line) => options.onLine?.(line, name));
  await new Promise((resolve) => stream.once("close", resolve));
  return Buffer.concat(chunks).toString("utf8");
}

function interruptWhenAsked(child: Child, options: RunOptions): () => void {
  const timers: NodeJS.Timeout[] = [];
  const interrupt = (grace: number): void => {
    child.kill("SIGINT");
    timers.push(setTimeout(() => child.kill("SIGKILL"), grace));
  };
  const onAbort = (): void => interrupt(60_000);
  if (options.timeout) timers.push(setTimeout(() => interrupt(10_000), options.timeout));
  options.signal?.addEventListener("abort", onAbort);
  // A signal that was aborted before says so no more.
  if (options.signal?.aborted === true) onAbort();
  return () => {
    timers.forEach(clearTimeout);
    options.signal?.removeEventListener("abort", onAbort);
  };
}
