/** How many tests there were. */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export const nothing: Counts = { passed: 0, failed: 0, skipped: 0 };

export const sum = (all: readonly Counts[]): Counts =>
  all.reduce(
    (one, other) => ({
      passed: one.passed + other.passed,
      failed: one.failed + other.failed,
      skipped: one.skipped + other.skipped,
    }),
    nothing,
  );

/** Where nothing may be skipped, a skipped test is a failed one. */
export const nothingSkipped = (counts: Counts): Counts => ({
  passed: counts.passed,
  failed: counts.failed + counts.skipped,
  skipped: 0,
});

/** `12 passed, 0 failed`, and what was skipped if anything was. */
export const describeCounts = ({ passed, failed, skipped }: Counts): string =>
  `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
