import { compareVersions } from "../plan/version-order";

/** The only one that a distribution's package shows by its version: distributions carry fixes back. */
export const oldestRuncFix = {
  cve: "CVE-2019-5736",
  fixed: ["1.0.0-rc7"],
  source:
    "https://www.openwall.com/lists/oss-security/2019/02/11/2 (fix), 1.0.0-rc7 is the first release with it",
} as const satisfies RuncFix;

/**
 * Known ways out of a container through runc, and the releases that closed them: one of each series that was still
 * maintained, in order. A release of a later series than the last one is safe, one of an earlier series than the first
 * one is not. To add one, add a line; nothing else knows of them.
 */
export const runcFixes: readonly RuncFix[] = [
  oldestRuncFix,
  {
    cve: "CVE-2024-21626",
    fixed: ["1.1.12"],
    source: "https://github.com/opencontainers/runc/security/advisories/GHSA-xr7r-f8xq-vfvv",
  },
  {
    cve: "CVE-2025-31133, CVE-2025-52565 and CVE-2025-52881",
    fixed: ["1.2.8", "1.3.3", "1.4.0-rc.3"],
    source:
      "https://github.com/opencontainers/runc/security/advisories/GHSA-9493-h29p-rfm2 and its two siblings",
  },
];

export interface RuncFix {
  readonly cve: string;
  /** Versions without `v`, one a series. */
  readonly fixed: readonly string[];
  /** Where that is written. */
  readonly source: string;
}

/**
 * The first known way out of a container that this release of runc has; undefined where it has none. For releases of
 * the project: distributions carry fixes back into older versions.
 */
export const openIn = (version: string): RuncFix | undefined =>
  runcFixes.find(({ fixed }) => !isFixed(version, fixed));

function isFixed(version: string, fixed: readonly string[]): boolean {
  const same = fixed.find((fix) => seriesOf(fix) === seriesOf(version));
  const last = fixed.at(-1) ?? "";
  return compareVersions(version, same ?? last) >= 0;
}

const seriesOf = (version: string): string => version.split(".", 2).join(".");
