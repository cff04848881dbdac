/** Does work, some of it later: see {@link inTurns}. */
export type Turns = <T>(work: () => Promise<T>) => Promise<T>;

/** Lets in at most `limit` works at a time; the others wait, first come, first served. */
export function inTurns(limit: number): Turns {
  let free = Math.max(1, limit);
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (free > 0) free--;
    else await new Promise<void>((admit) => waiting.push(admit));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else free++;
    }
  };
}

/** Runs `work` for every item, at most `limit` at a time. Answers in the order of the items. */
export function mapBounded<T, R>(
  items: readonly T[],
  limit: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const turns = inTurns(limit);
  return Promise.all(items.map((item) => turns(() => work(item))));
}
