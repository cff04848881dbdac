import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** What of /proc can be read; a process may end at any moment. */
function maybe(read: () => string): string {
  try {
    return read();
  } catch {
    return "";
  }
}

const mountsOf = (pid: number): string => maybe(() => readlinkSync(`/proc/${pid}/ns/mnt`));

/** The processes that see the same mounts as this one, and are not it: all that was started in its sandbox. */
export function processesBeside(holder: number): number[] {
  const mounts = mountsOf(holder);
  if (mounts === "") return [];
  return readdirSync("/proc")
    .map(Number)
    .filter((pid) => Number.isInteger(pid) && pid !== holder && mountsOf(pid) === mounts);
}

/** Kills them. */
export function endProcessesBeside(holder: number): void {
  for (const pid of processesBeside(holder))
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // it has ended by itself
    }
}

/**
 * A line for each of them: what it is, whose child, its state (`S` sleeps, `D` waits for a disk), where in the kernel it
 * waits, and where its stdin, stdout and stderr lead: what a test waits for is a socket.
 */
export function describeBeside(holder: number): string {
  return processesBeside(holder)
    .map((pid) => {
      const read = (name: string): string => maybe(() => readFileSync(`/proc/${pid}/${name}`, "utf8"));
      const stat = /\) (\S) (\d+)/.exec(read("stat"));
      const words = read("cmdline").replaceAll("\0", " ").trim().slice(0, 200);
      const ends = [0, 1, 2].map((n) => maybe(() => readlinkSync(`/proc/${pid}/fd/${n}`)) || "closed");
      const where = `child of ${stat?.[2] ?? "?"}, state ${stat?.[1] ?? "?"} in ${read("wchan") || "?"}`;
      return `  ${pid} ${words}: ${where}; ${ends.join(", ")}\n`;
    })
    .join("");
}
