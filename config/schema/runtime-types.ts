/*
 * What the configuration knows of each container runtime and of where it comes from. Of the runtimes' names, this
 * directory and the runtimes' own files (components/container-runtime) are all that there is.
 */

/** The runtimes that there are, and where each can come from; its first source is its usual one. */
const runtimeSources = {
  containerd: ["distribution", "docker", "release"],
  docker: ["distribution", "docker"],
  "cri-o": ["project"],
  mirantis: ["repository"],
} as const satisfies Readonly<Record<string, readonly string[]>>;

export type RuntimeType = keyof typeof runtimeSources;
export type RuntimeSource = (typeof runtimeSources)[RuntimeType][number];

export const runtimeTypes: readonly string[] = Object.keys(runtimeSources);

/** The one that is meant where none is named. */
export const usualType: RuntimeType = "containerd";

/** Where a runtime can come from; empty for what is none. */
export const sourcesOf = (type: string): readonly string[] =>
  Object.hasOwn(runtimeSources, type) ? runtimeSources[type as RuntimeType] : [];

/** Whether the kubelet reaches this runtime through cri-dockerd. */
export const usesCriDockerd = (type: string): boolean => type === "docker" || type === "mirantis";

/** What a runtime asks of the rest of the configuration. */
interface RuntimeNeeds {
  /** The sources with which the version must be named, and why, completing "must be named with runtime.type …". */
  readonly version?: Readonly<Record<string, string>>;
  /** The kubelets that have dockershim reach it by that. */
  readonly dockershim?: true;
  /** Its project has repositories for Kubernetes minor versions from this one on. */
  readonly oldestLine?: number;
  /** cri-dockerd may be its project's release. */
  readonly criDockerdRelease?: true;
  /** The only registry that it takes mirrors for. */
  readonly mirrors?: string;
  /** It tells no mirror who the node is; why. */
  readonly openMirrors?: string;
}

const openMirrors =
  "dockerd tells its mirrors nothing but the credentials of a person who logged in to the registry itself";

const needs: Readonly<Record<string, RuntimeNeeds>> = {
  containerd: {
    version: {
      docker:
        " from source docker: the form of its configuration follows from it, and nodes do not know the repository yet",
    },
  },
  docker: { dockershim: true, criDockerdRelease: true, mirrors: "docker.io", openMirrors },
  "cri-o": { oldestLine: 28 },
  mirantis: { version: { repository: "" }, mirrors: "docker.io", openMirrors },
};

/** What a runtime asks for; nothing for what is none. */
export const needsOf = (type: string): RuntimeNeeds =>
  Object.hasOwn(needs, type) ? (needs[type] ?? {}) : {};

/** The runtimes that take mirrors for every registry. */
export const typesWithAnyMirror = (): readonly string[] =>
  runtimeTypes.filter((type) => needsOf(type).mirrors === undefined);

/** The runtimes that can tell mirrors who the node is. */
export const typesWithMirrorAccounts = (): readonly string[] =>
  runtimeTypes.filter((type) => needsOf(type).openMirrors === undefined);

/** The source that is meant where none is named; undefined for what is no type. */
export const usualSource = (type = ""): string | undefined => sourcesOf(type)[0];

/** All that a runtime can come from. */
export const allSources: readonly string[] = [
  ...new Set(Object.values<readonly string[]>(runtimeSources).flat()),
];

/** `a, b or c`. */
export const oneOf = (words: readonly string[]): string =>
  words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} or ${words.at(-1) ?? ""}`;

/** Sources that are a repository: what is known of it. */
export interface KnownSource {
  /** Completes "… repository is signed". */
  readonly whose: string;
  /** There is one even where no URL is given. */
  readonly hasUrl: boolean;
  /** The fingerprints that one's keys have, as its publisher names them. */
  readonly keys: readonly string[];
}

/** Docker's keys: that of its apt repositories and that of its rpm repositories, as docs.docker.com names them. */
const dockerKeys = ["9DC858229FC7DD38854AE2D88D81803C0EBFCD88", "060A61C51B558A7F742B77AAC52FEB6B621E9F35"];

/** By the source's name. */
export const knownSources: ReadonlyMap<string, KnownSource> = new Map([
  ["docker", { whose: "Docker's", hasUrl: true, keys: dockerKeys }],
  ["project", { whose: "the project's", hasUrl: true, keys: [] }],
  ["repository", { whose: "your", hasUrl: false, keys: [] }],
]);
