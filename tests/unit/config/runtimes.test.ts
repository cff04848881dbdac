import { runtimes } from "../../../components/container-runtime";
import { findVersions } from "../../../components/container-runtime/version-checks";
import { cluster, config, mistakes, sources, warnings, type Mapping } from "./fixtures";
import { key } from "./pgp-key";

const from = { ...sources({ "/keys/cri-o.asc": key }), runtimes, findVersions };
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
    "runtime.version: is missing, must be named with runtime.type mirantis; take the version of its package from the repository",
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
    "a Kubernetes with dockershim, and a kubelet by hand",
    { ...docker({}, "1.23.17"), kubelet: {} },
    "kubelet: goes with Kubernetes 1.26.0 and newer, and kubernetesVersion is 1.23.17; remove it: kubeadm sets up these kubelets",
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

const sum = { amd64: "a".repeat(64) };
const containerd = (runtime: Mapping, more: Mapping = {}): Mapping => config({ runtime, ...more });

test.each<[title: string, value: Mapping, mistake: string]>([
  [
    "Docker's containerd without a version",
    containerd({ source: "docker", repository: { url: "https://x.example/", key } }),
    "runtime.version: is missing, must be named with runtime.type containerd from source docker: the form of its configuration follows from it, and nodes do not know the repository yet; take the version of its package from the repository",
  ],
  [
    "a release of containerd that is too old",
    containerd({
      source: "release",
      release: {
        ...{ version: "1.5.9", sha256: sum },
        runc: { version: "1.3.3", sha256: { amd64: "b".repeat(64) } },
      },
    }),
    "runtime.release.version: 1.5.9 speaks no CRI v1, which Kubernetes 1.26 and later insist on; with Kubernetes 1.34.2 use containerd 1.6 or newer (Debian 12, Ubuntu 22.04 with its updates and newer ones have it)",
  ],
  [
    "a package of containerd that is too old",
    containerd({ version: "1.5.9-0ubuntu1" }),
    "runtime.version: 1.5.9-0ubuntu1 speaks no CRI v1, which Kubernetes 1.26 and later insist on; with Kubernetes 1.34.2 use containerd 1.6 or newer (Debian 12, Ubuntu 22.04 with its updates and newer ones have it)",
  ],
  [
    "a Docker with a hole",
    docker({ version: "18.06.1~ce~3-0~ubuntu" }),
    "runtime.version: 18.06.1~ce~3-0~ubuntu lets a container overwrite runc (CVE-2019-5736); with Kubernetes 1.34.2 use docker 18.06.2 or newer",
  ],
  [
    "a Docker that is too new for its kubelet",
    docker({ version: "5:29.1.2-1~debian.12" }, "1.23.17"),
    "runtime.version: 5:29.1.2-1~debian.12 answers from API 1.44 on only, and dockershim asks for 1.41 or older; with Kubernetes 1.23.17 use docker 20.10",
  ],
  [
    "a package of cri-dockerd that is too old for its Docker",
    docker({ version: "5:29.1.2-1~debian.12", criDockerd: { version: "0.3.15" } }),
    "runtime.criDockerd.version: 0.3.15 asks for API 1.43 or older, and Docker Engine from 29 on answers from 1.44 on only; take cri-dockerd 0.3.16 or later; with Kubernetes 1.34.2 use cri-dockerd 0.3.16 or newer",
  ],
  [
    "a Docker that is too old for its cri-dockerd's release",
    docker({ version: "20.10.24+dfsg1-1", criDockerd: { release } }),
    "runtime.version: 20.10.24+dfsg1-1 has no API 1.42, which cri-dockerd needs from 0.3.12 on; take cri-dockerd 0.3.11 (runtime.criDockerd.version); with Kubernetes 1.34.2 use docker 23.0 or newer",
  ],
  [
    "a CRI-O of long before",
    crio({ version: "1.30.4-1.1" }),
    "runtime.version: 1.30.4-1.1 is of another minor version than Kubernetes 1.34.2, which it follows one by one; use cri-o 1.34",
  ],
])("%s is a mistake before any node is asked", (_title, value, mistake) =>
  expect(mistakes(value, from)).toEqual([mistake]),
);

test("versions that only the node tells, and those that are warned of, are no mistakes", () => {
  expect(mistakes(docker(), from)).toEqual([]);
  expect(mistakes(crio({ version: "1.33.4-1.1" }), from)).toEqual([]);
  expect(mistakes(docker({ version: "5:28.5.1-1~debian" }, "1.23.17"), from)).toEqual([]);
  expect(
    mistakes(containerd({ source: "docker", version: "1.7.28-1", repository: { key } }), from).join("\n"),
  ).not.toContain("runtime.version");
});

test("Mirantis without anything: every mistake at once", () =>
  expect(mistakes(config({ runtime: { type: "mirantis" } }), from).map((line) => line.split(":")[0])).toEqual(
    ["runtime.version", "runtime.repository.key", "runtime.repository.url"],
  ));

test("a version that is none is one mistake, and not missing as well", () =>
  expect(mistakes(mirantis({ version: 25 }), from)).toEqual([
    expect.stringContaining("runtime.version: 25 is a number, must be a package version"),
  ]));

test("CRI-O's project has repositories from 1.28 on", () =>
  expect(mistakes(crio({}, { kubernetesVersion: "1.28.0" }), from)).toEqual([]));

test("a Kubernetes with dockershim is warned of", () => {
  expect(mistakes(docker({}, "1.23.17"), from)).toEqual([]);
  expect(warnings(docker({}, "1.23.17"), from)).toEqual([
    expect.stringContaining("1.23.17 is no longer maintained, and nodeprep was never run with it"),
  ]);
});
