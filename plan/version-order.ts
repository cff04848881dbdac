/**
 * The order of versions, as projects, distributions and kernels number them: by up to three numbers, a release candidate
 * (`-rc7`, `-rc.7`, `~rc10`) before its release. An epoch or a `v` before them does not count, nor what follows.
 */
export function compareVersions(one: string, other: string): number {
  const [a, b] = [partsOf(one), partsOf(other)];
  for (const [index, part] of a.entries()) if (part !== b[index]) return part - (b[index] ?? 0);
  return 0;
}

/** Whether a version is older than another one; what does not begin with a number is not. */
export const isOlder = (version: string, other: string): boolean =>
  form.test(version) && compareVersions(version, other) < 0;

const form = /^(?:\d+:)?v?(\d+)(?:\.(\d+))?(?:\.(\d+))?(?:[-~.+]*rc\.?(\d+))?/;

/** Three numbers, and that of the release candidate, which comes before the release. */
function partsOf(version: string): readonly number[] {
  const [, major = "0", minor = "0", patch = "0", candidate = "Infinity"] = form.exec(version) ?? [];
  return [major, minor, patch, candidate].map(Number);
}
