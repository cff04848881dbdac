/*
 * What must agree between the parts of a worker, made to disagree on the machine by hand: the cgroup driver and CRI
 * socket of kubelet and runtime, the CNI folders of runtime and files, the node's pod subnet, the pod network of
 * kube-proxy. (In the configuration each of them is refused: tests/unit/config/consistency.test.ts.)
 */
const mismatches: readonly (readonly [script: string, warning: RegExp])[] = [
  [
    "sed -i 's/^cgroupDriver: .*/cgroupDriver: cgroupfs/; s|^containerRuntimeEndpoint: .*|containerRuntimeEndpoint: unix:///run/other.sock|' /var/lib/kubelet/kubelet-config.yaml",
    /file:\/var\/lib\/kubelet\/kubelet-config\.yaml has other content/,
  ],
  [
    "sed -i 's|^clusterCIDR: .*|clusterCIDR: 10.9.0.0/16|' /var/lib/kube-proxy/kube-proxy-config.yaml",
    /file:\/var\/lib\/kube-proxy\/kube-proxy-config\.yaml has other content/,
  ],
  [
    "sed -i 's/10\\.200\\.0\\.0/10.9.0.0/' /etc/cni/net.d/10-bridge.conf",
    /file:\/etc\/cni\/net\.d\/10-bridge\.conf has other content/,
  ],
  [
    "echo '{}' >/etc/cni/net.d/05-other.conflist",
    /cni_config:\/etc\/cni\/net\.d\/10-bridge\.conf .*05-other\.conflist comes first/,
  ],
  [
    "sed -i 's|/opt/cni/bin|/usr/lib/cni|' /etc/containerd/config.toml",
    /file:\/etc\/containerd\/config\.toml has other content/,
  ],
];

/** A script that makes all of them. */
export const disagree = mismatches.map(([script]) => `${script}\n`).join("");

/** Those that these warnings do not name. */
export const unnamed = (warnings: readonly string[]): readonly RegExp[] =>
  mismatches.map(([, warning]) => warning).filter((warning) => !warnings.some((text) => warning.test(text)));
