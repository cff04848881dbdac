/** A package repository, as the configuration names it. */
export interface RepositorySpec {
  /** Absent: Docker's. */
  readonly url?: string | undefined;
  readonly suite?: string | undefined;
  readonly components?: readonly string[] | undefined;
  /** The public key, in ASCII armor. */
  readonly key: string;
}
