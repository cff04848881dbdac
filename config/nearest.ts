/**
 * The known name that a mistyped one most likely means, or undefined when none is near: at most a third of its
 * letters (and always one) wrong, or the same but for case, dashes and underscores.
 */
export function nearest(name: string, known: readonly string[]): string | undefined {
  if (name.length > 64) return undefined;
  const bare = plain(name);
  const ranked = known
    .map((candidate) => ({ candidate, distance: editDistance(bare, plain(candidate)) }))
    .sort((a, b) => a.distance - b.distance);
  const best = ranked[0];
  if (best === undefined) return undefined;
  return best.distance <= Math.max(1, Math.floor(best.candidate.length / 3)) ? best.candidate : undefined;
}

const plain = (name: string): string => name.toLowerCase().replace(/[-_ ]/g, "");

/** Letters to insert, delete, replace or swap with their neighbour to get from one word to the other. */
export function editDistance(from: string, to: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i++) {
    const row = [i];
    for (let j = 1; j <= to.length; j++) row.push(cell(from, to, i, j, row, last, beforeLast));
    beforeLast = last;
    last = row;
  }
  return last[to.length] ?? 0;
}

function cell(
  from: string,
  to: string,
  i: number,
  j: number,
  row: number[],
  last: number[],
  beforeLast: number[],
) {
  const at = (line: number[], index: number): number => line[index] ?? Infinity;
  const replace = at(last, j - 1) + (from[i - 1] === to[j - 1] ? 0 : 1);
  const swapped = i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1];
  return Math.min(
    at(last, j) + 1,
    at(row, j - 1) + 1,
    replace,
    swapped ? at(beforeLast, j - 2) + 1 : Infinity,
  );
}
