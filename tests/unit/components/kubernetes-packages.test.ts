import { stagesOf } from "../../../components/stages";
import type { Facts } from "../../../plan/facts";
import type { Requirement } from "../../../plan/requirement";
import { cluster, config, node, type Mapping } from "../config/fixtures";
import { key } from "../config/pgp-key";
import { context, facts } from "./fixtures";
import { bodyOf, names } from "./worker-fixtures";

const mirror = { url: "https://mirror.example/k8s/", key };
const rocky: Partial<Facts> = { osId: "rocky", osVersion: "9.6", packageManager: "dnf" };

/** The stages of a node. */
const stages = (more: Mapping = {}, role = "worker") => {
  const kubernetes = { source: "packages", repository: mirror, ...more };
  const spec = cluster(config({ kubernetes, nodes: { "node-1": node({ role }) } }));
  return stagesOf(spec, spec.nodes[0]!);
};
const stage = (more: Mapping = {}, some: Partial<Facts> = {}): readonly Requirement[] =>
  stages(more)
    .at(-1)
    ?.requirements({ ...facts, ...some }, context) ?? [];
const packages = (...words: Parameters<typeof stage>) =>
  stage(...words)
    .filter(({ key: name }) => name.startsWith("kube"))
    .map(({ key: name, value }) => `${name} ${value}`);

describe("Kubernetes' packages", () => {
  it.each(["worker", "control-plane"])("are the last stage of a %s: kubeadm does the rest", (role) =>
    expect(
      stages({}, role)
        .map(({ name }) => name)
        .slice(-2),
    ).toEqual(["container-runtime", "kubernetes-packages"]),
  );

  it("come from the repository, held at the version, with a kubelet that is not started", () => {
    const all = stage();
    expect(names(all)).toEqual([
      "package:ca-certificates",
      "file:/etc/apt/keyrings/nodeprep-kubernetes.asc",
      "file:/etc/apt/sources.list.d/nodeprep-kubernetes.sources",
      "directory:/var/lib/kubelet",
      "directory:/usr/libexec/kubernetes/kubelet-plugins/volume/exec",
      ...["conntrack", "ipset", "iptables", "socat", "kubelet", "kubeadm", "kubectl"].map(
        (name) => `package:${name}`,
      ),
      "file:/etc/crictl.yaml",
      "service:kubelet.service",
    ]);
    expect(packages()).toEqual([
      "kubelet version=1.34.2-1.1 hold quiet=kubelet.service",
      "kubeadm version=1.34.2-1.1 hold",
      "kubectl version=1.34.2-1.1 hold",
      "kubelet.service enabled",
    ]);
    expect(
      bodyOf(all, "/etc/apt/sources.list.d/nodeprep-kubernetes.sources").split("\n").slice(1, 5),
    ).toEqual([
      "Types: deb",
      "URIs: https://mirror.example/k8s/",
      "Suites: /",
      "Signed-By: /etc/apt/keyrings/nodeprep-kubernetes.asc",
    ]);
    expect(bodyOf(all, "/etc/crictl.yaml")).toContain("unix:///run/containerd/containerd.sock");
  });

  it("have other revisions for dnf, or the one that is said", () => {
    expect(packages({}, rocky)[1]).toBe("kubeadm version=1.34.2-150500.1.1 hold");
    expect(packages({ revision: "2.1" })[1]).toBe("kubeadm version=1.34.2-2.1 hold");
  });

  it.each<[Partial<Facts>, string, string]>([
    [
      {},
      "/etc/apt/sources.list.d/nodeprep-kubernetes.sources",
      "URIs: https://pkgs.k8s.io/core:/stable:/v1.34/deb/",
    ],
    [
      rocky,
      "/etc/yum.repos.d/nodeprep-kubernetes.repo",
      "baseurl=https://pkgs.k8s.io/core:/stable:/v1.34/rpm/",
    ],
  ])("come from the project's own place without a URL (%j)", (some, path, line) => {
    const fingerprint = "043E 4D5A 20C5 71C7 BDB9 6D66 23B9 D407 B233 B188";
    expect(bodyOf(stage({ repository: { key, fingerprint } }, some), path)).toContain(`\n${line}\n`);
  });
});
