import { spawn } from "node:child_process";
import { openSync, closeSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";

export interface Start {
  readonly args: readonly string[];
  /** Where its output goes. */
  readonly log: string;
  /** File that keeps the process id. */
  readonly pidFile: string;
  /** Keeps running after this process ended; otherwise it is killed with it. */
  readonly outlives: boolean;
}

/** Starts QEMU in the background. */
export async function startQemu(start: Start): Promise<void> {
  const log = openSync(start.log, "a");
  const qemu = ["qemu-system-x86_64", ...start.args];
  const [file = "", ...args] = start.outlives ? qemu : ["setpriv", "--pdeathsig", "KILL", ...qemu];
  const child = spawn(file, args, { stdio: ["ignore", log, log], detached: start.outlives });
  closeSync(log);
  await new Promise<void>((resolve, reject) => {
    child.once("spawn", resolve).once("error", reject);
  });
  child.unref();
  await writeFile(start.pidFile, `${child.pid ?? 0}\n`);
}

/** The id of the running process that the file tells of, if it still is a machine with this word in its arguments. */
export async function runningPid(pidFile: string, word: string): Promise<number | undefined> {
  const pid = Number(await readFile(pidFile, "utf8").catch(() => ""));
  if (!Number.isInteger(pid) || pid <= 1) return undefined;
  const words = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
  return words.includes(word) && (await isAlive(pid)) ? pid : undefined;
}

/** A process that ended and was not waited for yet is a zombie: not alive. */
async function isAlive(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  return stat !== "" && !/^\d+ \(.*\) Z/s.test(stat);
}
