/** What Kubernetes' minor versions are and can do, as far as more than one stage or rule asks. */

/** The oldest minor version that is supported: the first whose kubelet insists on CRI v1. */
export const oldestMinor = 26;

/** The newest minor version that this version of nodeprep knows. */
export const newestMinor = 37;

/** The minor number of a version: 34 of `1.34.2`. */
export const minorOf = (kubernetesVersion: string): number => Number(kubernetesVersion.split(".")[1]);

/** Minor versions whose kubelet has a way to Docker of its own (dockershim), as far as they are supported. */
export const dockershimMinors = { oldest: 20, newest: 23 } as const;

/** Whether the kubelet of this version talks to Docker by itself. */
export const hasDockershim = (kubernetesVersion: string): boolean =>
  minorOf(kubernetesVersion) <= dockershimMinors.newest;

/**
 * Whether the kubelet of this version starts on cgroup v1 as it is; from 1.35 on only with `failCgroupV1: false`
 * (https://kubernetes.io/docs/concepts/architecture/cgroups/#deprecation-of-cgroup-v1).
 */
export const startsOnCgroupV1 = (kubernetesVersion: string): boolean => minorOf(kubernetesVersion) < 35;
