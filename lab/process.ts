import { spawn } from "node:child_process";
import { openSync, closeSync } from "node:fs";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { toStderr, waitFor, type Say } from "./progress";

export interface Start {
  /** Name or path. */
  readonly program: string;
  readonly args: readonly string[];
  /** Where its output goes. */
  readonly log: string;
  /** File that keeps the process id. */
  readonly pidFile: string;
  /** Keeps running after this process ended; otherwise it is killed with it. */
  readonly outlives: boolean;
}

/** Starts a program in the background. */
export async function startProcess(start: Start): Promise<void> {
  const log = openSync(start.log, "a");
  const command = [start.program, ...start.args];
  const [file = "", ...args] = start.outlives ? command : ["setpriv", "--pdeathsig", "KILL", ...command];
  const child = spawn(file, args, { stdio: ["ignore", log, log], detached: start.outlives });
  closeSync(log);
  await new Promise<void>((resolve, reject) => {
    child.once("spawn", resolve).once("error", reject);
  });
  child.unref();
  const pid = child.pid ?? 0;
  await begun(pid, start.program);
  await writeFile(start.pidFile, `${pid}\n`);
}

/**
 * Until the program has replaced setpriv. While the kernel reads a program from disk, its process has no arguments,
 * and whoever looks for a machine by them finds none.
 */
async function begun(pid: number, program: string): Promise<void> {
  const look = async (): Promise<boolean> =>
    (await argumentsOf(pid)).startsWith(program) || !(await isAlive(pid));
  await waitFor(look, { what: `${program} starting`, limit: 60, say: toStderr, every: 20 });
}

const argumentsOf = (pid: number): Promise<string> =>
  readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");

/** The id of the running process that the file tells of, if it still has this word in its arguments. */
export async function runningPid(pidFile: string, word: string): Promise<number | undefined> {
  const pid = Number(await readFile(pidFile, "utf8").catch(() => ""));
  if (!Number.isInteger(pid) || pid <= 1) return undefined;
  return (await argumentsOf(pid)).includes(word) && (await isAlive(pid)) ? pid : undefined;
}

/** Ends the process that the file tells of at once, if it still runs with this word in its arguments. */
export async function endProcess(
  pidFile: string,
  word: string,
  { what = word, say = toStderr }: { readonly what?: string; readonly say?: Say } = {},
): Promise<void> {
  const pid = await runningPid(pidFile, word);
  if (pid === undefined) return;
  process.kill(pid, "SIGKILL");
  await waitFor(async () => !(await isAlive(pid)), { what: `${what} ending`, limit: 20, say });
}

/**
 * A process that ended and was not waited for yet is a zombie: not alive. Its first thread may be one long before the
 * others, which hold its files and ports until they end, too.
 */
export async function isAlive(pid: number): Promise<boolean> {
  const threads = await readdir(`/proc/${pid}/task`).catch(() => []);
  const states = await Promise.all(
    threads.map((thread) => readFile(`/proc/${pid}/task/${thread}/stat`, "utf8").catch(() => "")),
  );
  return states.some((stat) => stat !== "" && !/^\d+ \(.*\) [ZX]/s.test(stat));
}
