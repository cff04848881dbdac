import type { Facts } from "../../plan/facts";

/** As much of a containerd version as its configuration depends on. */
export interface ContainerdVersion {
  readonly major: number;
  readonly minor: number;
}

/**
 * What a distribution's package is known to be, for a node whose package lists are still empty: from this version
 * of the distribution on, that version of containerd. Read in November 2026 from the package indexes, updates and
 * security included: dists/<suite>/main/binary-amd64/Packages of Debian (bullseye 1.4.13, bookworm
 * 1.6.20, trixie 1.7.24, forky 2.1.9) and of Ubuntu (focal 1.7.24, jammy, noble and questing 2.2.1,
 * plucky 2.1.3, resolute 2.2.2: Ubuntu brings its LTS releases to later versions).
 */
const distributions: Readonly<Record<string, readonly (readonly [since: string, version: string])[]>> = {
  debian: [
    ["14", "2.1"],
    ["13", "1.7"],
    ["12", "1.6"],
    ["11", "1.4"],
  ],
  ubuntu: [
    ["22.04", "2.2"],
    ["20.04", "1.7"],
  ],
};

/**
 * The version of containerd that the node has or will have: the pinned one, else the installed one, else the one
 * that the package manager would install, else the distribution's usual one. Asked before and after the
 * installation, it gives the same answer.
 *
 * @param pinned an exact package version from config
 * @param packageName the package to look at among the facts
 */
export function containerdVersion(
  facts: Facts,
  packageName: string,
  pinned: string | undefined,
): ContainerdVersion {
  const known = facts.packages[packageName];
  const text = pinned ?? known?.installed ?? known?.candidate ?? usual(facts);
  const found = /^(?:\d+:)?v?(\d+)\.(\d+)/.exec(text);
  if (!found)
    throw new Error(
      `containerd's version ${JSON.stringify(text)} does not begin with two numbers, like 1.7.28`,
    );
  return { major: Number(found[1]), minor: Number(found[2]) };
}

/** Schema 2 is read by every containerd that is supported: the safe guess for what is unknown. */
function usual({ osId, osVersion }: Facts): string {
  const since = distributions[osId]?.find(([version]) => Number(osVersion) >= Number(version));
  return since?.[1] ?? "1.7";
}
