/** The kubelet's own folder. */
export const kubeletFolder = "/var/lib/kubelet";

/** What kubelets make in their folder, of all versions. */
export const kubeletContents = [
  ...["actuated_pods_state", "allocated_pods_state", "checkpoints", "cpu_manager_state", "device-plugins"],
  ...["dra_manager_state", "image_manager", "memory_manager_state", "pki", "plugins", "plugins_registry"],
  ...["pod-resources", "pod_status_manager_state", "pods", "usernamespaces"],
];
