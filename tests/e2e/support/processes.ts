import { readdirSync, readFileSync } from "node:fs";

/** The processes that the stack's commands have started, each with its words. */
export function ours(folder: string): { readonly pid: number; readonly words: readonly string[] }[] {
  return readdirSync("/proc").flatMap((pid) => {
    try {
      const environment = readFileSync(`/proc/${pid}/environ`, "utf8").split("\0");
      if (!environment.includes(`PULUMI_HOME=${folder}/home`)) return [];
      return [{ pid: Number(pid), words: readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0") }];
    } catch {
      return []; // no process, or it has ended meanwhile
    }
  });
}

/** Kills that program of the stack's; it must be there. */
export function kill(folder: string, name: string): void {
  const found = ours(folder).filter(({ words }) =>
    words.slice(0, 2).some((word) => word.split("/").at(-1) === name),
  );
  if (found.length === 0) throw new Error(`no process ${name} of the stack in ${folder}`);
  for (const { pid } of found) process.kill(pid, "SIGKILL");
}
