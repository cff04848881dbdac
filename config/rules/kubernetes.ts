import type { Path, Problem } from "../errors";
import { isBroken, type Context } from "../findings";
import type { ClusterConfig, Draft } from "../schema";
import type { KnownSource } from "../schema/runtime-types";
import { repositoryKey, tooOldForProject } from "./repository";

type Cluster = Draft<ClusterConfig>;

const at: Path = ["kubernetes", "repository"];

/** The key of pkgs.k8s.io, which signs the repositories of all minor versions. */
const project: KnownSource = {
  whose: "the Kubernetes project's",
  hasUrl: true,
  keys: ["DE15B14486CD377B9E876E1A234654DA9A296436"],
};

/** Minor version that pkgs.k8s.io begins with. */
const oldestLine = 24;

/**
 * With packages: what the rest of the configuration must not say, and the repository's key. With binaries: that nothing
 * is said of packages.
 *
 * @returns the key's text; undefined where none is wanted, or what is given cannot be read
 */
export function resolveKubernetesKey(cluster: Cluster, context: Context): string | undefined {
  const { kubernetes, kubernetesVersion } = cluster;
  if (isBroken(context, ["kubernetes", "source"])) return undefined;
  if (kubernetes?.source !== "packages") {
    context.problems.push(...withBinaries(cluster));
    return undefined;
  }
  context.problems.push(...withPackages(cluster));
  const { repository } = kubernetes;
  if (repository?.url === undefined)
    context.problems.push(...tooOldForProject({ at, of: "Kubernetes", oldestLine, line: kubernetesVersion }));
  return repositoryKey({ at, repository, known: project }, context);
}

function withBinaries({ kubernetes }: Cluster): readonly Problem[] {
  return (["repository", "revision"] as const)
    .filter((name) => kubernetes?.[name] !== undefined)
    .map((name) => ({
      path: ["kubernetes", name],
      allowed: "goes with source packages, and kubernetes.source is binaries",
      remedy: "set kubernetes.source: packages, or remove it",
    }));
}

/** A setting, whether it is there, what it does, and the remedy. */
type Refused = readonly [path: Path, isSo: boolean, what: string, remedy: string];

/** The packages bring plugins and crictl along, and a kubelet that is kubeadm's to set up. */
function withPackages({ kubernetes, kubelet, kubeProxy, cni }: Cluster): readonly Problem[] {
  const plugins = cni?.plugins ?? (cni?.release === undefined ? undefined : "release");
  const refused: readonly Refused[] = [
    ...ofBinaries(kubernetes),
    [["kubelet"], kubelet !== undefined, ...byHand("a kubelet")],
    [["kubeProxy"], kubeProxy !== undefined, ...byHand("a kube-proxy")],
    [
      cni?.plugins === undefined ? ["cni", "release"] : ["cni", "plugins"],
      plugins === "distribution" || plugins === "release",
      "puts plugins where the packages' kubernetes-cni puts its own",
      "use cni.plugins: provided, or none",
    ],
  ];
  return refused
    .filter(([, isSo]) => isSo)
    .map(([path, , what, remedy]) => ({
      path,
      allowed: `${what}, but kubernetes.source is packages`,
      remedy,
    }));
}

/** Settings of programs that are no packages. */
const ofBinaries = (kubernetes: Cluster["kubernetes"]): readonly Refused[] => [
  [
    ["kubernetes", "sha256"],
    Object.keys(kubernetes?.sha256 ?? {}).length > 0,
    "names programs to download",
    "remove it, or set kubernetes.source: binaries",
  ],
  [
    ["kubernetes", "url"],
    kubernetes?.url !== undefined,
    "says where programs are downloaded from",
    "remove it; a mirror of the packages is kubernetes.repository.url",
  ],
  [
    ["kubernetes", "files"],
    kubernetes?.files !== undefined,
    "says where programs are pushed from",
    "remove it, or set kubernetes.source: binaries",
  ],
  [
    ["kubernetes", "crictl"],
    kubernetes?.crictl !== undefined,
    "is a second crictl: the packages come with cri-tools",
    "remove it",
  ],
];

const byHand = (what: string): readonly [string, string] => [
  `sets up ${what} by hand, while that of the packages is kubeadm's`,
  "remove it and let kubeadm set it up, or set kubernetes.source: binaries",
];
