import type { Path, Problem } from "./errors";
import type { KnownHostsLine } from "./known-hosts";
import type { Sources } from "./sources";

/** What the checks share: what may be read, and where they put what they find. */
export interface Context {
  readonly sources: Sources;
  readonly problems: Problem[];
  readonly warnings: string[];
  /** The known_hosts files read so far, by path: many nodes share one. */
  readonly knownHosts: Map<string, KnownHostsFile>;
}

/** A known_hosts file, or why it cannot be read. */
export type KnownHostsFile = { readonly lines: readonly KnownHostsLine[] } | { readonly error: string };

/** A context without findings. */
export const newContext = (sources: Sources): Context => ({
  sources,
  problems: [],
  warnings: [],
  knownHosts: new Map(),
});

/**
 * Whether something at or below a path, or the whole configuration, is known to be wrong, so that what follows
 * from it need not be said.
 */
export const isBroken = ({ problems }: Context, path: Path): boolean =>
  problems.some(
    (problem) => problem.path.length === 0 || path.every((key, index) => problem.path[index] === key),
  );

/** Warns of what many nodes share, each thing once. */
export function warnOnce({ warnings }: Context, all: readonly string[]): void {
  warnings.push(...all.filter((warning) => !warnings.includes(warning)));
}
