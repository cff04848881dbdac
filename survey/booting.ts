import { setTimeout as wait } from "node:timers/promises";
import { SurveyError, type SurveyReason } from "./errors";

/** What is seen of a machine that is still booting, or whose address leads nowhere yet. */
const booting: ReadonlySet<SurveyReason> = new Set([
  "refused",
  "timeout",
  "unreachable",
  "no-ssh",
  "dropped",
]);

/** Milliseconds between two looks. */
const PAUSE = 2000;

/**
 * Looks at a machine, and again as long as its SSH does not answer and it may still be booting.
 *
 * @param seconds that it may take; 0: one look
 * @param onWait called once, with what was seen first
 */
export async function onceBooted<T>(
  seconds: number,
  look: () => Promise<T>,
  onWait: (seen: string) => void = () => undefined,
  pause = PAUSE,
): Promise<T> {
  const end = Date.now() + seconds * 1000;
  for (let first = true; ; first = false) {
    try {
      return await look();
    } catch (cause) {
      if (!(cause instanceof SurveyError) || !booting.has(cause.reason) || Date.now() + pause > end)
        throw cause;
      if (first) onWait(cause.message);
      await wait(pause);
    }
  }
}
