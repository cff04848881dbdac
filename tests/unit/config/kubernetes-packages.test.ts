import * as pki from "./certificates";
import { cluster, config, mistakes, node, sources, type Mapping } from "./fixtures";
import { fingerprint, key } from "./pgp-key";

const from = { ...sources({ ...pki.files, "/k8s.asc": key }), now: pki.now };
const repository = { url: "https://mirror.example/k8s/", keyFile: "/k8s.asc" };
const packages = (more: Mapping = {}, rest: Mapping = {}): Mapping =>
  config({ kubernetes: { source: "packages", repository, ...more }, ...rest });
const sum = { amd64: "a".repeat(64) };

test("packages need no more than their repository's key", () => {
  expect(cluster(packages(), from)).toMatchObject({
    kubernetesPackages: { repository: { url: repository.url, key } },
  });
  expect(cluster(packages(), from).kubernetes).toBeUndefined();
  const typed = fingerprint.toLowerCase().replace(/.{4}/g, "$& ").trim();
  for (const one of [fingerprint, typed])
    expect(mistakes(packages({ repository: { keyFile: "/k8s.asc", fingerprint: one } }), from)).toEqual([]);
  expect(cluster(packages({ revision: "2.1" }), from).kubernetesPackages?.revision).toBe("2.1");
});

test.each<[string, Mapping, string]>([
  [
    "no key",
    packages({ repository: undefined }),
    "kubernetes.repository.key: is missing; the Kubernetes project's repository is signed: name its key with keyFile or key",
  ],
  [
    "another key than the project's",
    packages({ repository: { key } }),
    `kubernetes.repository.key: ${fingerprint} is another key than DE15B14486CD377B9E876E1A234654DA9A296436; get the right key`,
  ],
  [
    "a version that the project has no packages of",
    packages(
      { repository: { key, fingerprint } },
      { kubernetesVersion: "1.23.17", runtime: { type: "docker" } },
    ),
    "kubernetes.repository.url: is missing: Kubernetes has repositories of its project from 1.24 on, and none for 1.23.17",
  ],
  [
    "programs to download",
    packages({ sha256: { kubectl: sum } }),
    "kubernetes.sha256: names programs to download, but kubernetes.source is packages; remove it",
  ],
  [
    "where to download them",
    packages({ url: "https://mirror.example/{name}" }),
    "kubernetes.url: says where programs are downloaded from, but kubernetes.source is packages; remove it; a mirror of the packages is kubernetes.repository.url",
  ],
  [
    "a second crictl",
    packages({ crictl: { version: "1.34.0", sha256: sum } }),
    "kubernetes.crictl: is a second crictl: the packages come with cri-tools, but kubernetes.source is packages",
  ],
  [
    "a kubelet by hand",
    packages(
      {},
      {
        kubelet: pki.kubelet,
        cni: { plugins: "none" },
        nodes: { "node-1": node({ podSubnet: "10.200.1.0/24" }) },
      },
    ),
    "kubelet: sets up a kubelet by hand, while that of the packages is kubeadm's, but kubernetes.source is packages; remove it and let kubeadm set it up, or set kubernetes.source: binaries",
  ],
  [
    "a kube-proxy by hand",
    packages({}, { kubeProxy: { kubeconfigFile: "/kube-proxy.kubeconfig" } }),
    "kubeProxy: sets up a kube-proxy by hand",
  ],
  [
    "plugins of the distribution",
    packages({}, { cni: { type: "calico", plugins: "distribution" } }),
    "cni.plugins: puts plugins where the packages' kubernetes-cni puts its own, but kubernetes.source is packages; use cni.plugins: provided, or none",
  ],
  [
    "plugins of a release",
    packages({}, { cni: { type: "calico", release: { version: "1.8.0", sha256: sum } } }),
    "cni.release: puts plugins where",
  ],
  [
    "a repository without packages",
    config({ kubernetes: { repository } }),
    "kubernetes.repository: goes with source packages, and kubernetes.source is binaries; set kubernetes.source: packages, or remove it",
  ],
  [
    "a revision without packages",
    config({ kubernetes: { revision: "1.1" } }),
    "kubernetes.revision: goes with",
  ],
  [
    "another source",
    config({ kubernetes: { source: "image" } }),
    "kubernetes.source: image must be binaries or packages",
  ],
])("%s: refused", (_title, given, expected) => {
  const found = mistakes(given, from);
  expect(found).toHaveLength(1);
  expect(found[0]).toContain(expected);
});
