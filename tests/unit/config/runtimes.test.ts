import { runtimes } from "../../../components/container-runtime";
import { cluster, config, mistakes, sources, warnings, type Mapping } from "./fixtures";
import { key } from "./pgp-key";

const from = { ...sources({ "/keys/cri-o.asc": key }), runtimes };
const crio = (runtime: Mapping = {}, more: Mapping = {}): Mapping =>
  config({ runtime: { type: "cri-o", repository: { key }, ...runtime }, ...more });
const mirantis = (runtime: Mapping = {}): Mapping =>
  config({
    runtime: {
      ...{ type: "mirantis", version: "5:25.0.9~3-0~debian", repository: { url: "https://x.example/", key } },
      ...runtime,
    },
  });
const release = { version: "0.3.21", sha256: { amd64: "a".repeat(64) } };
const docker = (runtime: Mapping = {}, kubernetesVersion = "1.34.2"): Mapping =>
  config({ kubernetesVersion, runtime: { type: "docker", ...runtime } });

test("each runtime has its usual source", () => {
  const source = (value: Mapping) => cluster(value, from).runtime.source;
  expect(source(config())).toBe("distribution");
  expect(source(docker())).toBe("distribution");
  expect(source(crio())).toBe("project");
  expect(source(crio({ repository: { keyFile: "/keys/cri-o.asc" } }))).toBe("project");
  expect(source(mirantis())).toBe("repository");
});

test("cri-dockerd's release has the usual URL", () =>
  expect(cluster(docker({ criDockerd: { release } })).runtime.criDockerd?.release).toEqual({
    ...release,
    url: "https://github.com/Mirantis/cri-dockerd/releases/download/v{version}/cri-dockerd-{version}.{arch}.tgz",
  }));

test.each<[title: string, value: Mapping, mistake: string]>([
  [
    "CRI-O without a key",
    config({ runtime: { type: "cri-o" } }),
    "runtime.repository.key: is missing; the project's repository is signed: name its key with keyFile or key",
  ],
  [
    "CRI-O from elsewhere",
    crio({ source: "distribution" }),
    "runtime.source: distribution is no source of cri-o; use project",
  ],
  [
    "CRI-O for a Kubernetes that its project has no repository for",
    crio({}, { kubernetesVersion: "1.27.16" }),
    "runtime.repository.url: is missing: cri-o has repositories of its project from 1.28 on, and none for 1.27.16; name a repository of your own",
  ],
  [
    "CRI-O with another key than the one that was meant",
    crio({ repository: { key, fingerprint: "85B6 7D5C 5010 0B1A C8CE  FE49 CBA9 C856 40A2 B579" } }),
    "is another key than 85B67D5C50100B1AC8CEFE49CBA9C85640A2B579; get the right key",
  ],
  [
    "CRI-O with cri-dockerd",
    crio({ criDockerd: {} }),
    "runtime.criDockerd: is set, but cri-o speaks CRI by itself",
  ],
  [
    "CRI-O and another socket",
    {
      ...crio(),
      kubelet: { config: { containerRuntimeEndpoint: "unix:///run/containerd/containerd.sock" } },
    },
    "kubelet.config.containerRuntimeEndpoint: unix:///run/containerd/containerd.sock is not the socket of runtime.type cri-o, unix:///var/run/crio/crio.sock",
  ],
  [
    "Mirantis without a version",
    mirantis({ version: null }),
    "runtime.version: is missing, must be named with runtime.type mirantis; take the version of its package from your repository",
  ],
  [
    "Mirantis without a URL",
    mirantis({ repository: { key } }),
    "runtime.repository.url: is missing; say where the packages are",
  ],
  [
    "Mirantis with a release of cri-dockerd",
    mirantis({ criDockerd: { release } }),
    "runtime.criDockerd.release: is set, but mirantis brings its own cri-dockerd; remove it",
  ],
  [
    "two versions of cri-dockerd",
    docker({ criDockerd: { version: "0.3.11-0", release } }),
    "runtime.criDockerd: has both version, which is a package's, and release; remove one of them",
  ],
  [
    "cri-dockerd beside dockershim",
    docker({ criDockerd: {} }, "1.23.17"),
    "runtime.criDockerd: is set, but the kubelet of 1.23.17 talks to Docker by itself; remove it",
  ],
  [
    "a Kubernetes with dockershim, and containerd",
    config({ kubernetesVersion: "1.23.17" }),
    "kubernetesVersion: 1.23.17 is not supported with runtime.type containerd: 1.20 to 1.23 are for dockershim alone; use 1.26.0 or newer",
  ],
  [
    "a Kubernetes in between",
    docker({}, "1.24.17"),
    "kubernetesVersion: 1.24.17 is not supported, must be 1.26.0 or newer",
  ],
  [
    "mirrors of a registry that Docker has none for",
    docker({ registryMirrors: { "ghcr.io": ["https://mirror.example.org"], "docker.io": [] } }),
    'runtime.registryMirrors["ghcr.io"]: cannot be had with runtime.type docker, which has mirrors for docker.io alone; remove it, or use containerd',
  ],
])("%s", (_title, value, mistake) =>
  expect(mistakes(value, from)).toEqual(expect.arrayContaining([expect.stringContaining(mistake)])),
);

test("Mirantis without anything: every mistake at once", () =>
  expect(mistakes(config({ runtime: { type: "mirantis" } }), from).map((line) => line.split(":")[0])).toEqual(
    ["runtime.version", "runtime.repository.key", "runtime.repository.url"],
  ));

test("a Kubernetes with dockershim is warned of", () => {
  expect(mistakes(docker({}, "1.23.17"), from)).toEqual([]);
  expect(warnings(docker({}, "1.23.17"), from)).toEqual([
    expect.stringContaining("1.23.17 is no longer maintained, and nodeprep was never run with it"),
  ]);
});
