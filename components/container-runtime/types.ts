import type { CriDockerdSpec } from "../../config/repository-spec";
import type { Secret } from "../../config/secret";
import type {
  CgroupDriver,
  RegistryMirrors,
  RepositorySpec,
  RuntimeReleaseSpec,
  RuntimeSource,
  RuntimeType,
} from "../../config/types";
import type { Facts } from "../../plan/facts";
import type { PackageSource } from "../../plan/repository";
import type { Requirement } from "../../plan/requirement";
import type { NodeContext, StageSurvey } from "../../plan/stage";
import type { Program } from "./versions";

export type { CgroupDriver, RuntimeSource, RuntimeType } from "../../config/types";

/** Arguments of the container-runtime stage. */
export interface ContainerRuntimeArgs {
  readonly type: RuntimeType;
  /** Where the runtime comes from. `distribution`: the distribution's own package; `release`: see `release`. */
  readonly source: RuntimeSource;
  /** The package's exact version, as the package manager writes it. Default: any, the newest one at first. */
  readonly version?: string;
  /** For runtime and kubelet alike. */
  readonly cgroupDriver: CgroupDriver;
  /** The pause image, e.g. `registry.k8s.io/pause:3.10.1`. */
  readonly sandboxImage: string;
  /**
   * Mirrors by the registry's host: `{ "docker.io": [{ url: "https://mirror.example" }] }`. Those with credentials need
   * the stage node-secrets with what {@link Runtime.secrets} has.
   */
  readonly registryMirrors?: RegistryMirrors;
  /** The project's release, with source `release`. */
  readonly release?: RuntimeReleaseSpec;
  /** A repository for its packages. Needed with `source: docker`. */
  readonly repository?: RepositorySpec;
  /** cri-dockerd, for a runtime that speaks no CRI itself. Default: the package, in any version. */
  readonly criDockerd?: CriDockerdSpec;
}

/** What the kubelet's way to a runtime may depend on. */
export interface RuntimeUse {
  readonly kubernetesVersion: string;
  /** Where they are known: what the runtime asked for. */
  readonly files?: Facts["files"];
}

/**
 * What every runtime fulfils, each in a file of its own beside this one. Everything is a function of plain data.
 * What holds for all of them (cgroup drivers, pods on the node) is in `guards.ts`.
 */
export interface Runtime {
  /** Where the kubelet reaches it, e.g. `unix:///run/containerd/containerd.sock`. */
  readonly criSocket: (use: RuntimeUse) => string;
  /** The socket is the matter of its package, and known once that is there: outputs take the one that was found. */
  readonly socketIsFound?: true;
  /** Where it looks for CNI plugins, and for their configuration. */
  readonly cniBinDir: string;
  readonly cniConfDir: string;
  /** systemd units of the runtime, the main one first. */
  readonly units: readonly string[];
  /** Those that a kubelet needs, where the main one is not all. */
  readonly kubeletNeeds?: (use: RuntimeUse) => readonly string[];
  /** What becomes of running containers when its main unit is restarted, completing "a restart …". */
  readonly restart: string;
  /** Files that come and go with its requirements alone: a node that has one loses this runtime with another type. */
  readonly marks?: readonly string[];
  /** Files whose content it needs as facts. From config alone. */
  readonly asks: (args: ContainerRuntimeArgs) => {
    readonly files?: readonly string[];
    readonly glances?: readonly string[];
  };
  /**
   * What must hold on the node.
   *
   * @throws Error where the node cannot have it: says what was found, what is allowed and the remedy
   */
  readonly requirements: (
    args: ContainerRuntimeArgs,
    facts: Facts,
    node: NodeContext,
  ) => readonly Requirement[];
  /** What works on this node but is unwise, besides what holds for all runtimes. */
  readonly warnings?: (args: ContainerRuntimeArgs, facts: Facts, survey: StageSurvey) => readonly string[];
  /** Texts that its files are made of and that nobody is to see, by id: they come with stage node-secrets. */
  readonly secrets?: (args: ContainerRuntimeArgs) => Readonly<Record<string, Secret>>;
  /** Its own name in `versions.ts`. */
  readonly program: Program;
  /**
   * Packages of the runtime by the name of their program in `versions.ts`, for a node that has or gets them; the
   * runtime's own first, which `version` is about.
   */
  readonly programs: (args: ContainerRuntimeArgs) => Readonly<Partial<Record<Program, string>>>;
  /** Packages that apt would have to remove for its own: the same programs from elsewhere. */
  readonly rivals?: (args: ContainerRuntimeArgs) => readonly string[];
  /** The repository that its project has for this node, where `args.repository` says no other. */
  readonly repository?: (args: ContainerRuntimeArgs, facts: Facts, node: NodeContext) => PackageSource;
}
