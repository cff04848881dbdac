import { createHash } from "node:crypto";
import { stagesOf } from "../../../components/stages";
import type { Facts } from "../../../plan/facts";
import type { Requirement } from "../../../plan/requirement";
import { node, type Mapping } from "../config/fixtures";
import { context, facts } from "./fixtures";
import { bodyOf, workerSpec } from "./worker-fixtures";

const sum = (letter: string): string => letter.repeat(64);
const release = (version: string, amd64: string, arm64: string): Mapping => ({
  version,
  sha256: { amd64: sum(amd64), arm64: sum(arm64) },
});

describe("programs of Kubernetes", () => {
  const kubernetes = {
    sha256: {
      kubelet: { amd64: sum("1") },
      "kube-proxy": { amd64: sum("2") },
      kubectl: { amd64: sum("3"), arm64: sum("4") },
    },
    crictl: release("1.34.0", "a", "b"),
  };
  const whole = {
    kubernetes,
    kubeProxy: { kubeconfigFile: "/kube-proxy.kubeconfig" },
    cni: { release: release("1.8.0", "c", "d") },
  };
  const stages = (changes: Mapping = {}, more: Partial<Facts> = {}) => {
    const all = workerSpec({ ...whole, ...changes });
    const planned = stagesOf(all, all.nodes[0]!);
    return Object.fromEntries(
      planned.map(({ name, requirements }) => [name, requirements({ ...facts, ...more }, context)]),
    );
  };
  const downloads = (requirements: readonly Requirement[] = []): readonly string[] =>
    requirements.filter(({ kind }) => kind === "download").map(({ key, value }) => `${key} ${value}`);

  it("come from their project's own places, the services' own with the services", () => {
    const planned = stages();
    expect(Object.keys(planned).slice(-5)).toEqual([
      "container-runtime",
      "cni",
      "kubernetes-binaries",
      "kubelet",
      "kube-proxy",
    ]);
    expect(downloads(planned["cni"])).toEqual([
      `cni-plugins into=/opt/cni/bin owner=root:root sha256=${sum("c")} version=1.8.0 url=https://github.com/containernetworking/plugins/releases/download/v1.8.0/cni-plugins-linux-amd64-v1.8.0.tgz`,
    ]);
    expect(downloads(planned["kubernetes-binaries"])).toEqual([
      `/usr/local/bin/kubectl mode=0755 owner=root:root sha256=${sum("3")} version=1.34.2 url=https://dl.k8s.io/v1.34.2/bin/linux/amd64/kubectl`,
      `crictl into=/usr/local/bin owner=root:root sha256=${sum("a")} version=1.34.0 url=https://github.com/kubernetes-sigs/cri-tools/releases/download/v1.34.0/crictl-v1.34.0-linux-amd64.tar.gz`,
    ]);
    expect(downloads(planned["kubelet"])[0]).toMatch(/^\/usr\/local\/bin\/kubelet .*\/amd64\/kubelet$/);
    expect(planned["kubelet"]?.at(-1)?.value).toContain("restart-after=download:/usr/local/bin/kubelet,");
    expect(planned["kube-proxy"]?.at(-1)?.value).toContain(
      "restart-after=download:/usr/local/bin/kube-proxy,",
    );
    expect(bodyOf(planned["kubernetes-binaries"] ?? [], "/etc/crictl.yaml")).toBe(
      "runtime-endpoint: unix:///run/containerd/containerd.sock\nimage-endpoint: unix:///run/containerd/containerd.sock\n",
    );
  });

  it("come from a mirror, for the node's architecture", () => {
    const mirrored = {
      ...kubernetes,
      sha256: { kubectl: kubernetes.sha256.kubectl },
      url: "http://m/{name}-{version}-{arch}",
    };
    expect(
      downloads(stages({ kubernetes: mirrored }, { architecture: "aarch64" })["kubernetes-binaries"])[0],
    ).toBe(
      `/usr/local/bin/kubectl mode=0755 owner=root:root sha256=${sum("4")} version=1.34.2 url=http://m/kubectl-1.34.2-arm64`,
    );
  });

  it("are all in one stage where no service of the node has its own", () => {
    const nodes = { "node-1": node({ role: "control-plane" }) };
    expect(downloads(stages({ nodes })["kubernetes-binaries"]).map((text) => text.split(" ")[0])).toEqual([
      "/usr/local/bin/kubelet",
      "/usr/local/bin/kube-proxy",
      "/usr/local/bin/kubectl",
      "crictl",
    ]);
  });

  it("are pushed from the operator's machine, which needs nothing on the node to download with", () => {
    const program = Buffer.alloc(64);
    program.write("\x7fELF\x02\x01", "latin1");
    program.writeUInt16LE(0x3e, 18);
    const text = program.toString("latin1");
    const pushedWords = "mode=0755 owner=root:root sha256=SUM version=1.34.2";
    const pushed = (more: Partial<Facts> = {}) => {
      const all = workerSpec(
        { kubernetes: { files: "bin/{name}" } },
        { "bin/kubelet": text, "bin/kubectl": text },
      );
      return stagesOf(all, all.nodes[0]!).flatMap(({ name, requirements }) =>
        ["kubernetes-binaries", "kubelet"].includes(name) ? requirements({ ...facts, ...more }, context) : [],
      );
    };
    expect(
      pushed()
        .filter(({ kind }) => kind === "download")
        .map(({ key, value, localFile }) => [key, value.replace(/[0-9a-f]{64}/, "SUM"), localFile]),
    ).toEqual([
      ["/usr/local/bin/kubectl", `${pushedWords} url=pushed:kubectl`, "bin/kubectl"],
      ["/usr/local/bin/kubelet", `${pushedWords} url=pushed:kubelet`, "bin/kubelet"],
    ]);
    expect(pushed().map(({ key }) => key)).not.toContain("curl");
    expect(() => pushed({ architecture: "aarch64" })).toThrow(
      "kubernetes.files for kubectl has no SHA-256 for arm64",
    );
  });

  it("come with CNI plugins, crictl and cri-dockerd from files that are pushed, without curl", () => {
    const sumOf = (text: string) => ({ amd64: createHash("sha256").update(text).digest("hex") });
    const file = (version: string, name: string): Mapping => ({
      ...{ version, file: `~/d/${name}-{version}-{arch}.tgz`, sha256: sumOf(name) },
    });
    const all = workerSpec(
      {
        cni: { release: file("1.8.0", "cni") },
        kubernetes: { crictl: file("1.34.0", "crictl") },
        runtime: { type: "docker", criDockerd: { release: file("0.3.21", "cri-dockerd") } },
      },
      {
        "/home/op/d/cni-1.8.0-amd64.tgz": "cni",
        "/home/op/d/crictl-1.34.0-amd64.tgz": "crictl",
        "/home/op/d/cri-dockerd-0.3.21-amd64.tgz": "cri-dockerd",
      },
    );
    const planned = stagesOf(all, all.nodes[0]!).flatMap(({ name, requirements }) =>
      ["container-runtime", "cni", "kubernetes-binaries"].includes(name) ? requirements(facts, context) : [],
    );
    const pushed = planned.filter(({ kind }) => kind === "download");
    expect(pushed.map(({ key, localFile }) => [key, localFile])).toEqual([
      ["cri-dockerd", "/home/op/d/cri-dockerd-0.3.21-amd64.tgz"],
      ["cni-plugins", "/home/op/d/cni-1.8.0-amd64.tgz"],
      ["crictl", "/home/op/d/crictl-1.34.0-amd64.tgz"],
    ]);
    expect(pushed.map(({ value }) => value)[1]).toMatch(
      / version=1\.8\.0 url=pushed:cni-1\.8\.0-amd64\.tgz$/,
    );
    expect(planned.map(({ key }) => key)).not.toContain("curl");
  });

  it("name what is missing for an architecture", () => {
    expect(() => stages({}, { architecture: "aarch64" })).toThrow(
      "kubernetes.sha256.kubelet has no SHA-256 for arm64, the node's architecture (it has amd64): add it",
    );
    expect(() => stages({}, { architecture: "i686" })).toThrow(
      "its architecture i686 is none of x86_64, aarch64",
    );
  });
});
