import type { ReleaseSpec } from "./release-spec";

/** A package repository, as the configuration names it. */
export interface RepositorySpec {
  /** Absent: that of the source, Docker's or a project's. */
  readonly url?: string | undefined;
  readonly suite?: string | undefined;
  readonly components?: readonly string[] | undefined;
  /** The public key, in ASCII armor. */
  readonly key: string;
}

/** What is wanted of cri-dockerd. One of: the package's exact version; its project's release. */
export interface CriDockerdSpec {
  readonly version?: string | undefined;
  readonly release?: ReleaseSpec | undefined;
}
