import type { Deb } from "./apt-repository";

/*
 * The Kubernetes project's packages, which cannot be had where the tests run: names, dependencies, units, drop-in and
 * paths are those of the real ones (kubernetes/release, cmd/krel/templates/latest); the programs do nothing.
 */

/** Like the real one, it ends at once without the configuration that kubeadm writes. */
const kubelet = `#!/bin/sh
# A stand-in for the kubelet.
[ -f /var/lib/kubelet/config.yaml ] || exit 1
exec sleep 300
`;

export const kubeletUnit = `[Unit]
Description=kubelet: The Kubernetes Node Agent
Documentation=https://kubernetes.io/docs/
Wants=network-online.target
After=network-online.target

[Service]
ExecStart=/usr/bin/kubelet
Restart=always
StartLimitInterval=0
RestartSec=10

[Install]
WantedBy=multi-user.target
`;

/** It comes with kubeadm, and changes what the kubelet is started with. */
export const kubeadmDropIn = `[Service]
Environment="KUBELET_KUBECONFIG_ARGS=--bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubelet.conf --kubeconfig=/etc/kubernetes/kubelet.conf"
Environment="KUBELET_CONFIG_ARGS=--config=/var/lib/kubelet/config.yaml"
EnvironmentFile=-/var/lib/kubelet/kubeadm-flags.env
EnvironmentFile=-/etc/default/kubelet
ExecStart=
ExecStart=/usr/bin/kubelet $KUBELET_KUBECONFIG_ARGS $KUBELET_CONFIG_ARGS $KUBELET_KUBEADM_ARGS $KUBELET_EXTRA_ARGS
`;

const program = (name: string): string => `#!/bin/sh\n# A stand-in for ${name}.\necho ${name}\n`;

/** The packages of one minor version's repository, with the three main ones in this version. */
export const kubernetesPackagesOf = (version: string): readonly Deb[] => [
  {
    name: "kubelet",
    version,
    control: "Depends: kubernetes-cni",
    files: {
      "/usr/bin/kubelet": kubelet,
      "/usr/lib/systemd/system/kubelet.service": kubeletUnit,
      "/var/lib/kubelet/.kubelet-keep": "",
      "/etc/kubernetes/manifests/.kubelet-keep": "",
    },
  },
  {
    name: "kubeadm",
    version,
    control: "Depends: cri-tools",
    files: {
      "/usr/bin/kubeadm": program("kubeadm"),
      "/usr/lib/systemd/system/kubelet.service.d/10-kubeadm.conf": kubeadmDropIn,
    },
  },
  { name: "kubectl", version, files: { "/usr/bin/kubectl": program("kubectl") } },
];

/** What they need besides. */
export const kubernetesCompanions: readonly Deb[] = [
  { name: "kubernetes-cni", version: "1.7.1-1.1", files: { "/opt/cni/bin/bridge": program("bridge") } },
  { name: "cri-tools", version: "1.34.0-1.1", files: { "/usr/bin/crictl": program("crictl") } },
];
