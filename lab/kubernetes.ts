import type { GoProgram } from "./binaries";

/** The version of Kubernetes that the lab's clusters and tests run. */
export const kubernetesVersion = "1.34.2";

/** Modules of Kubernetes' own repository. Its go.mod names them without a version, which only works inside it. */
const staging = [
  ...["api", "apiextensions-apiserver", "apimachinery", "apiserver", "cli-runtime", "client-go"],
  ...["cloud-provider", "cluster-bootstrap", "code-generator", "component-base", "component-helpers"],
  ...["controller-manager", "cri-api", "cri-client", "csi-translation-lib", "dynamic-resource-allocation"],
  ...["endpointslice", "externaljwt", "kms", "kube-aggregator", "kube-controller-manager", "kube-proxy"],
  ...["kube-scheduler", "kubectl", "kubelet", "metrics", "mount-utils", "pod-security-admission"],
  ...["sample-apiserver"],
];

const [major = "", minor = "", patch = ""] = kubernetesVersion.split(".");
const versionPackage = "k8s.io/component-base/version";

/** Built at once, so that what they have in common is compiled once. */
export const kubernetes: GoProgram = {
  name: "kubernetes",
  module: "k8s.io/kubernetes",
  version: `v${kubernetesVersion}`,
  packages: ["kubelet", "kube-apiserver", "kube-proxy", "kubeadm", "kubectl"].map((name) => `cmd/${name}`),
  replace: Object.fromEntries(staging.map((name) => [`k8s.io/${name}`, `v0.${minor}.${patch}`])),
  variables: {
    [`${versionPackage}.gitVersion`]: `v${kubernetesVersion}`,
    [`${versionPackage}.gitMajor`]: major,
    [`${versionPackage}.gitMinor`]: minor,
    [`${versionPackage}.gitTreeState`]: "clean",
  },
};

/** Its executable is called `server`, after its module. */
export const etcd: GoProgram = { name: "etcd", module: "go.etcd.io/etcd/server/v3", version: "v3.6.6" };
