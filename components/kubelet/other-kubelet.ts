import type { Facts } from "../../plan/facts";
import { recordFile } from "../container-runtime/other-clusters";

/** Whose kubelet it is, by a file with its arguments. */
const setUpBy: Readonly<Record<string, string>> = {
  "/var/lib/kubelet/kubeadm-flags.env": "kubeadm",
  "/etc/kubernetes/kubelet.env": "kubespray",
};

/** The files that tell of a kubelet that others have set up. */
export const otherKubeletFiles: readonly string[] = [recordFile, ...Object.keys(setUpBy)];

/**
 * Refuses to take over a kubelet of a cluster that others have set up: it would get other credentials and settings, and
 * its node would be another one. A machine that nodeprep has prepared before is not looked at.
 *
 * @throws Error with what was found and the remedy
 */
export function refuseOtherKubelet({ files, pods }: Facts): void {
  if (files[recordFile] !== undefined || pods?.joined !== true) return;
  const path = Object.keys(setUpBy).find((one) => files[one] !== undefined);
  if (path === undefined) return;
  throw new Error(
    `the machine's kubelet is part of a cluster, and ${setUpBy[path] ?? ""} has set it up (${path}). The section kubelet would ` +
      "give it other credentials and settings: leave out kubelet and kubeProxy; or drain the node, remove it from its " +
      "cluster (kubectl delete node; kubeadm reset on it), and run again",
  );
}
