import { oldestRuncFix } from "../../config/runc-versions";

/**
 * What is known of versions: which are too old to be run at all (`refused`), and which run but should not (`warned`).
 * One row a fact, with where it was read. A row speaks of `program` in versions from `from` up to, not including,
 * `below`; with `kubernetes`, only for nodes of that minor version and later; with `kubernetesBelow`, only for those of
 * earlier ones; with `besides`, only beside that program.
 */
export type VersionRule = VersionRange & {
  readonly program: Program;
  readonly kubernetes?: number;
  readonly kubernetesBelow?: number;
  readonly besides?: { readonly program: Program; readonly from: string };
  readonly verdict: "refused" | "warned";
  /** Completes "docker 18.06.1 …". */
  readonly because: string;
  readonly source: string;
};

/** What is below a version is mended by that one; what is not, by the one that `use` names. */
type VersionRange =
  | { readonly from?: string; readonly below: string; readonly use?: string }
  | { readonly from: string; readonly below?: undefined; readonly use: string };

export type Program = "containerd" | "docker" | "cri-dockerd" | "cri-o" | "runc";

/**
 * Programs whose minor versions are Kubernetes': another one is warned of, and refused where it is more than `apart`
 * of them older.
 */
export const minorRules: readonly {
  readonly program: Program;
  readonly apart: number;
  readonly source: string;
}[] = [
  {
    program: "cri-o",
    apart: 2,
    source: "https://github.com/cri-o/cri-o#compatibility-matrix-cri-o--kubernetes",
  },
];

export const versionRules: readonly VersionRule[] = [
  {
    program: "containerd",
    below: "1.6",
    use: "1.6 or newer (Debian 12, Ubuntu 22.04 with its updates and newer ones have it)",
    verdict: "refused",
    because: "speaks no CRI v1, which Kubernetes 1.26 and later insist on",
    source: "https://kubernetes.io/blog/2022/11/18/upcoming-changes-in-kubernetes-1-26/",
  },
  {
    program: "containerd",
    below: "2.0",
    use: "2.0 or newer: runtime.source docker or release, or a distribution that has it (Debian 14, Ubuntu 22.04 with its updates)",
    kubernetes: 36,
    verdict: "warned",
    // The kubelets of 1.36 and 1.37 still start on it: https://github.com/kubernetes/kubernetes/pull/139121
    because:
      "is of the 1.x series, which Kubernetes supports up to 1.35, and which the kubelet is to refuse from 1.38 on",
    source: "https://kubernetes.io/blog/2025/12/17/kubernetes-v1-35-release/",
  },
  // 18.06.2 is what Kubernetes' documents recommended, and 18.09 one that they named as working; 1.11 to 17.03, which
  // they named, too, have the hole for good.
  {
    program: "docker",
    below: "18.06.2",
    verdict: "refused",
    because: "lets a container overwrite runc (CVE-2019-5736)",
    source: "https://docs.docker.com/engine/release-notes/18.06/",
  },
  {
    program: "docker",
    from: "18.09.0",
    below: "18.09.2",
    verdict: "refused",
    because: "lets a container overwrite runc (CVE-2019-5736)",
    source: "https://docs.docker.com/engine/release-notes/18.09/",
  },
  {
    program: "docker",
    below: "23.0",
    kubernetes: 24,
    besides: { program: "cri-dockerd", from: "0.3.12" },
    verdict: "refused",
    because:
      "has no API 1.42, which cri-dockerd needs from 0.3.12 on; take cri-dockerd 0.3.11 (runtime.criDockerd.version)",
    source: "https://github.com/Mirantis/cri-dockerd/pull/346",
  },
  {
    program: "cri-dockerd",
    below: "0.3.16",
    kubernetes: 24,
    besides: { program: "docker", from: "29.0" },
    verdict: "refused",
    because:
      "asks for API 1.43 or older, and Docker Engine from 29 on answers from 1.44 on only; take cri-dockerd 0.3.16 or later",
    source: "https://docs.docker.com/engine/release-notes/29/",
  },
  // dockershim's own client ends with API 1.41, that of Docker 20.10
  {
    program: "docker",
    from: "29.0",
    kubernetesBelow: 24,
    use: "20.10",
    verdict: "refused",
    because: "answers from API 1.44 on only, and dockershim asks for 1.41 or older",
    source: "https://docs.docker.com/engine/release-notes/29/",
  },
  {
    program: "docker",
    from: "20.11",
    below: "29.0",
    kubernetes: 21,
    kubernetesBelow: 24,
    use: "20.10",
    verdict: "warned",
    because: "is newer than what dockershim was validated with",
    source: "https://github.com/kubernetes/kubernetes/pull/98977",
  },
  {
    program: "docker",
    from: "19.04",
    below: "29.0",
    kubernetesBelow: 21,
    use: "19.03",
    verdict: "warned",
    because: "is newer than what dockershim was validated with",
    source: "https://github.com/kubernetes/kubernetes/pull/84476",
  },
  {
    program: "cri-o",
    below: "1.20",
    verdict: "refused",
    because: "speaks no CRI v1, which Kubernetes 1.26 and later insist on",
    source: "https://github.com/inspektor-gadget/inspektor-gadget/pull/1965",
  },
  {
    program: "runc",
    below: oldestRuncFix.fixed[0],
    verdict: "refused",
    because: `lets a container overwrite it (${oldestRuncFix.cve})`,
    source: oldestRuncFix.source,
  },
];
