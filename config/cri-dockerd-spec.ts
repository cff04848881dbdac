import type { ReleaseSpec } from "./types";

/** What is wanted of cri-dockerd. One of: the package's exact version; its project's release. */
export interface CriDockerdSpec {
  readonly version?: string | undefined;
  readonly release?: ReleaseSpec | undefined;
}
