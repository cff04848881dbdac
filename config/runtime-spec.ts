import type { RuntimeReleaseSpec } from "./release-spec";
import type { CriDockerdSpec, RepositorySpec } from "./repository-spec";
import type { RuntimeSource, RuntimeType } from "./schema/runtime-types";
import type { Secret } from "./secret";

/** Who manages the cgroups of containers. */
export const cgroupDrivers = ["systemd", "cgroupfs"] as const;
export type CgroupDriver = (typeof cgroupDrivers)[number];

/** A mirror of a registry. */
export interface RegistryMirror {
  /** With http or https, and without a password. */
  readonly url: string;
  /** What it asks for, by HTTP Basic. */
  readonly credentials?: { readonly username: string; readonly password: Secret };
}

/** Mirrors by the registry's host. */
export type RegistryMirrors = Readonly<Record<string, readonly RegistryMirror[]>>;

export interface RuntimeSpec {
  readonly type: RuntimeType;
  readonly source: RuntimeSource;
  /** The package's exact version; absent: any, the distribution's newest when it is to be installed. */
  readonly version?: string;
  readonly cgroupDriver: CgroupDriver;
  /** The pause image, by default the one that `kubernetesVersion` was released with. */
  readonly sandboxImage: string;
  /** By the registry's host, in the order in which they are asked. */
  readonly registryMirrors: RegistryMirrors;
  /** Present with source `release`. */
  readonly release?: RuntimeReleaseSpec;
  /** A package repository to take the runtime, or cri-dockerd, from. */
  readonly repository?: RepositorySpec;
  /** For a runtime that needs it. */
  readonly criDockerd?: CriDockerdSpec;
}
