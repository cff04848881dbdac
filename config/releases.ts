import type { Path } from "./errors";
import type { KubernetesProgram, ReleaseSpec } from "./release-spec";
import type { ClusterConfig, Draft } from "./schema";
import { expandHome } from "./sources";
import { usualUrls } from "./usual-urls";

/** A release that the configuration names. */
export interface NamedRelease {
  /** Where in the configuration. */
  readonly path: Path;
  readonly release: Draft<ReleaseSpec>;
  /** What its `url` is by default. */
  readonly usualUrl: string;
  /** A program as it is, no archive. */
  readonly isProgram?: true;
}

/** All releases that a configuration names. */
export function releasesOf({ runtime, cni, kubernetes }: Draft<ClusterConfig>): readonly NamedRelease[] {
  const all: readonly NamedReleaseOrNone[] = [
    {
      path: ["runtime", "release"],
      release: runtime?.release,
      usualUrl: usualUrls.containerd,
    },
    {
      path: ["runtime", "release", "runc"],
      release: runtime?.release?.runc,
      usualUrl: usualUrls.runc,
      isProgram: true,
    },
    {
      path: ["runtime", "criDockerd", "release"],
      release: runtime?.criDockerd?.release,
      usualUrl: usualUrls.criDockerd,
    },
    { path: ["cni", "release"], release: cni?.release, usualUrl: usualUrls.cniPlugins },
    { path: ["kubernetes", "crictl"], release: kubernetes?.crictl, usualUrl: usualUrls.crictl },
  ];
  return all.flatMap(({ release, ...more }) => (release === undefined ? [] : [{ release, ...more }]));
}

/** A release whose file, where it has one, is where `~` says. */
export const located = <R extends ReleaseSpec>(release: R, home: string): R =>
  release.file === undefined ? release : { ...release, file: expandHome(release.file, home) };

/** Where `kubernetes.files` has a program; undefined where it says nothing of it. */
export const programPattern = (
  files: ProgramPatterns | undefined,
  name: KubernetesProgram,
): string | undefined => (typeof files === "string" ? files : files?.[name]);

/** `kubernetes.files`. */
export type ProgramPatterns = NonNullable<NonNullable<Draft<ClusterConfig>["kubernetes"]>["files"]>;

type NamedReleaseOrNone = Omit<NamedRelease, "release"> & {
  readonly release: Draft<ReleaseSpec> | undefined;
};
