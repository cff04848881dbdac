import type { RepositorySpec } from "./repository-spec";

/** Architectures by the names that Kubernetes has for them. */
export const architectures = ["amd64", "arm64", "ppc64le", "s390x"] as const;
export type Architecture = (typeof architectures)[number];
/** SHA-256 by architecture. */
export type Sums = Readonly<Partial<Record<Architecture, string>>>;

/** An archive that a project publishes. */
export interface ReleaseSpec {
  readonly version: string;
  /** With `{version}` and `{arch}`. */
  readonly url: string;
  /** In its place: where it is on the operator's machine, with the same; absent: the node downloads it. */
  readonly file?: string | undefined;
  readonly sha256: Sums;
}

/** A runtime from its project's release. */
export interface RuntimeReleaseSpec extends ReleaseSpec {
  /** Where its programs go. */
  readonly directory: string;
  readonly runc: ReleaseSpec;
}

/** Kubernetes' own programs. */
export const kubernetesPrograms = ["kubelet", "kube-proxy", "kubectl", "kubeadm"] as const;
export type KubernetesProgram = (typeof kubernetesPrograms)[number];

/** Kubernetes' own programs, of `kubernetesVersion`. */
export interface KubernetesSpec {
  /** With `{version}`, `{arch}` and `{name}`. */
  readonly url: string;
  readonly sha256: Readonly<Partial<Record<KubernetesProgram, Sums>>>;
  /** Where they are on the operator's machine; absent: the nodes download them. */
  readonly files?: Readonly<
    Partial<Record<KubernetesProgram, Readonly<Partial<Record<Architecture, string>>>>>
  >;
  readonly crictl?: ReleaseSpec;
}

/** kubelet, kubeadm and kubectl, of `kubernetesVersion`, as packages. */
export interface KubernetesPackagesSpec {
  /** Without an URL: the project's. */
  readonly repository: RepositorySpec;
  /** What follows the version in the packages' own; absent: what the project's have. */
  readonly revision?: string;
}
