/** Receives one line of progress, for a person. */
export type Say = (line: string) => void;

/** Progress on stderr, so that stdout stays the result's. */
export const toStderr: Say = (line) => void process.stderr.write(`${line}\n`);

const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

/** What is waited for, and how. */
export interface Waiting {
  /** `node-0: waiting for SSH`. */
  readonly what: string;
  /** Seconds after which it is given up. */
  readonly limit: number;
  readonly say: Say;
  /** Milliseconds between two looks, 200 by default. */
  readonly every?: number;
}

/**
 * Waits until `look` returns something else than `undefined` or `false`, and says every ten seconds what for and how
 * long.
 *
 * @throws Error that names what was waited for when `limit` is over; whatever `look` throws ends the wait too.
 */
export async function waitFor<T>(look: () => Promise<T | false | undefined>, waiting: Waiting): Promise<T> {
  const start = Date.now();
  let next = 10;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    const seconds = Math.round((Date.now() - start) / 1000);
    if (seconds >= waiting.limit) throw new Error(`${waiting.what}: nothing within ${waiting.limit} s`);
    if (seconds >= next) {
      waiting.say(`${waiting.what}, ${seconds} s of ${waiting.limit} s`);
      next = seconds + 10;
    }
    await pause(waiting.every ?? 200);
  }
}

/** Says, twice a minute for as long as the work takes, what `doing` answers and how long it has been going on. */
export async function during<T>(work: Promise<T>, doing: () => string, say: Say): Promise<T> {
  const start = Date.now();
  const tell = (): void => say(`${doing()}, ${Math.round((Date.now() - start) / 1000)} s`);
  const ticker = setInterval(tell, 30_000);
  try {
    return await work;
  } finally {
    clearInterval(ticker);
  }
}
