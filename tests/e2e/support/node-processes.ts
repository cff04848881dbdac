import type { TestMachine } from "./machine";

/**
 * Runs something, and gives back what the machine's list of processes had in it meanwhile: each word of a command line
 * or environment once.
 */
export async function processesDuring<Result>(
  machine: TestMachine,
  run: () => Promise<Result>,
): Promise<{ readonly processes: string; readonly result: Result }> {
  await machine.sh(
    `rm -f /run/looked; : >/run/look
     setsid sh -c 'while [ -e /run/look ]; do cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ >>/run/looked 2>/dev/null; sleep 0.2; done' </dev/null >/dev/null 2>&1 &`,
  );
  const result = await run();
  const processes = await machine.sh("rm /run/look; tr '\\0' '\\n' </run/looked | sort -u; rm /run/looked");
  return { processes, result };
}
