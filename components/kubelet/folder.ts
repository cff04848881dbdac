import { directory } from "../../plan/kinds";

/**
 * Where a kubelet looks for volume plugins, unless its configuration says otherwise. It makes the folder at its start: that
 * it is required here makes undo take it away again, as far as it is empty.
 */
export const volumePlugins = directory("/usr/libexec/kubernetes/kubelet-plugins/volume/exec");

/** The kubelet's own folder. */
export const kubeletFolder = "/var/lib/kubelet";

/** What kubelets make in their folder, of all versions. */
export const kubeletContents = [
  ...["actuated_pods_state", "allocated_pods_state", "checkpoints", "cpu_manager_state", "device-plugins"],
  ...["dra_manager_state", "image_manager", "memory_manager_state", "pki", "plugins", "plugins_registry"],
  ...["pod-resources", "pod_status_manager_state", "pods", "usernamespaces"],
];
