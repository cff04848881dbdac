import { minorOf } from "./kubernetes-versions";

/**
 * The pause image that each Kubernetes minor version was released with, by the minor version that first had it:
 * `PauseVersion` in cmd/kubeadm/app/constants/constants.go of github.com/kubernetes/kubernetes at the tags
 * v1.20.0 to v1.37.0. Later patch releases kept the version of their minor one.
 */
const pauseVersions: readonly (readonly [minor: number, version: string])[] = [
  [36, "3.10.2"],
  [34, "3.10.1"],
  [31, "3.10"],
  [26, "3.9"],
  [23, "3.6"],
  [22, "3.5"],
  [21, "3.4.1"],
  [20, "3.2"],
];

/** The pause image for a Kubernetes version; the newest known one for later versions. */
export function pauseImage(kubernetesVersion: string): string {
  const minor = minorOf(kubernetesVersion);
  const known = pauseVersions.find(([since]) => minor >= since);
  if (known === undefined) throw new Error(`no pause image is known for Kubernetes ${kubernetesVersion}`);
  return `registry.k8s.io/pause:${known[1]}`;
}
