/** Where projects publish what nodes get of them; `{version}`, `{arch}` and `{name}` are filled in. */
export const usualUrls = {
  kubernetes: "https://dl.k8s.io/v{version}/bin/linux/{arch}/{name}",
  containerd:
    "https://github.com/containerd/containerd/releases/download/v{version}/containerd-{version}-linux-{arch}.tar.gz",
  runc: "https://github.com/opencontainers/runc/releases/download/v{version}/runc.{arch}",
  criDockerd:
    "https://github.com/Mirantis/cri-dockerd/releases/download/v{version}/cri-dockerd-{version}.{arch}.tgz",
  cniPlugins:
    "https://github.com/containernetworking/plugins/releases/download/v{version}/cni-plugins-linux-{arch}-v{version}.tgz",
  crictl:
    "https://github.com/kubernetes-sigs/cri-tools/releases/download/v{version}/crictl-v{version}-linux-{arch}.tar.gz",
} as const;
