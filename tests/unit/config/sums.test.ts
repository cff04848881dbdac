import { cluster, config, mistakes, type Mapping } from "./fixtures";

const sum = (digit: string): string => digit.repeat(64);
const release = (version: string, amd64: string, more: Mapping = {}): Mapping => ({
  version,
  sha256: { amd64: sum(amd64) },
  ...more,
});

describe("one SHA-256 for two files", () => {
  test.each<[string, Mapping, string]>([
    [
      "two programs",
      { kubernetes: { sha256: { kubelet: { amd64: sum("1") }, kubectl: { amd64: sum("1") } } } },
      `kubernetes.sha256.kubectl.amd64: ${sum("1")} is the SHA-256 of kubernetes.sha256.kubelet.amd64 too, and two files have two; look both up at their publishers'`,
    ],
    [
      "two architectures",
      {
        cni: { type: "calico", release: { version: "1.8.0", sha256: { amd64: sum("1"), arm64: sum("1") } } },
      },
      `cni.release.sha256.arm64: ${sum("1")} is the SHA-256 of cni.release.sha256.amd64 too`,
    ],
    [
      "two projects",
      {
        runtime: {
          source: "release",
          release: release("2.2.0", "1", { runc: release("1.3.3", "2") }),
        },
        kubernetes: { crictl: release("1.34.0", "2") },
      },
      `kubernetes.crictl.sha256.amd64: ${sum("2")} is the SHA-256 of runtime.release.runc.sha256.amd64 too`,
    ],
    [
      "a stand-in for all",
      {
        runtime: { type: "docker", criDockerd: { release: release("0.3.21", "0") } },
        kubernetes: { sha256: { kubeadm: { amd64: sum("0") } } },
      },
      `kubernetes.sha256.kubeadm.amd64: ${sum("0")} is the SHA-256 of runtime.criDockerd.release.sha256.amd64 too`,
    ],
  ])("is refused: %s", (_title, changes, text) => {
    expect(mistakes(config(changes))).toEqual([expect.stringContaining(text)]);
  });

  test("is fine where it is one file, for every architecture", () => {
    const plugins = { version: "1.8.0", url: "https://m/plugins.tgz" };
    const release = { ...plugins, sha256: { amd64: sum("1"), arm64: sum("1") } };
    expect(cluster(config({ cni: { type: "calico", release } })).cni).toMatchObject({ release });
  });
});
