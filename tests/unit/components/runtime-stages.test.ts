import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  containerRuntime,
  runtimeOf,
  type ContainerRuntimeArgs,
} from "../../../components/container-runtime";
import { initConfiguration } from "../../../components/kubeadm";
import type { Facts } from "../../../plan/facts";
import { encodeRequirements, requirementName } from "../../../plan/requirement";
import { cluster, config, node } from "../config/fixtures";
import { context, facts } from "./fixtures";

/* What the stage is for runtimes that no machine here can have: every requirement, whole. */
const key = "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nAAAA\n-----END PGP PUBLIC KEY BLOCK-----";
const shared = { cgroupDriver: "systemd", sandboxImage: "registry.k8s.io/pause:3.10.1" } as const;
const rocky: Partial<Facts> = {
  osId: "rocky",
  osVersion: "9.6",
  osName: "Rocky Linux 9.6",
  packageManager: "dnf",
  cgroupVersion: 1,
};
const sum = { amd64: "a".repeat(64), arm64: "b".repeat(64) };
const socketUnit = (path: string): Facts["files"] => ({
  "/usr/lib/systemd/system/cri-docker.socket": { sha256: "0", content: `[Socket]\nListenStream=${path}\n` },
});

const crio: ContainerRuntimeArgs = { ...shared, type: "cri-o", source: "project", repository: { key } };
const mirrors = {
  "docker.io": [{ url: "https://mirror.example.org" }, { url: "http://other.example.org:5000/v2/hub/" }],
};
const dockerRelease: ContainerRuntimeArgs = {
  ...{ ...shared, type: "docker", source: "distribution" },
  criDockerd: { release: { version: "0.3.11", url: "https://x.example/{version}.{arch}.tgz", sha256: sum } },
};
const mirantis: ContainerRuntimeArgs = {
  ...{ ...shared, type: "mirantis", source: "repository", version: "5:25.0.9~3-0~debian-bookworm" },
  repository: { url: "https://repos.example.com/debian", components: ["stable-25.0"], key },
  registryMirrors: { "docker.io": [{ url: "https://mirror.example.org" }] },
};
const shim: ContainerRuntimeArgs = { ...shared, type: "docker", source: "distribution" };

const plan = (args: ContainerRuntimeArgs, some: Partial<Facts> = {}, kubernetesVersion = "1.34.2") =>
  containerRuntime.requirements(args, { ...facts, ...some }, { ...context, kubernetesVersion });
const golden = (name: string): string => readFileSync(join(__dirname, "golden", name), "utf8");

test.each<[name: string, ...Parameters<typeof plan>]>([
  ["cri-o-debian.golden", { ...crio, registryMirrors: mirrors }],
  ["cri-o-rocky-cgroupfs.golden", { ...crio, cgroupDriver: "cgroupfs", version: "1.33.5-1.1" }, rocky],
  ["docker-cri-dockerd-release.golden", dockerRelease],
  ["mirantis-debian.golden", mirantis],
  ["mirantis-rocky.golden", mirantis, { ...rocky, files: socketUnit("%t/mcr/cri.sock") }],
  ["dockershim.golden", shim, {}, "1.23.17"],
])("%s is the whole stage", (name, ...words) =>
  expect(encodeRequirements(plan(...words))).toBe(golden(name)),
);

describe("CRI-O", () => {
  const repository = (args: Partial<ContainerRuntimeArgs>, kubernetesVersion?: string) =>
    plan({ ...crio, ...args }, {}, kubernetesVersion).find(({ key: path }) => path.endsWith(".sources"))
      ?.body;

  it("comes from the repository of Kubernetes' minor version, or of its own", () => {
    expect(repository({}, "1.36.1")).toContain(":/v1.36/deb/\nSuites: /\n");
    expect(repository({ version: "1.35.12-1.1" }, "1.36.1")).toContain(":/v1.35/deb/\n");
    const own = { url: "https://mirror.example.org/cri-o", key };
    expect(repository({ repository: own })).toContain("URIs: https://mirror.example.org/cri-o\nSuites: /\n");
    expect(repository({ repository: { ...own, suite: "noble" } })).toContain(
      "Suites: noble\nComponents: main\n",
    );
  });

  it("needs the repository's key", () =>
    expect(() => plan({ ...shared, type: "cri-o", source: "project" })).toThrow(
      "runtime.source is project, but runtime.repository has no key",
    ));

  it("reloads for another pause image and restarts for another driver", () => {
    const of = (args: Partial<ContainerRuntimeArgs>) =>
      new Map(plan({ ...crio, ...args }, { cgroupVersion: 1 }).map((r) => [requirementName(r), r.value]));
    const [before, image, driver] = [
      of({}),
      of({ sandboxImage: "x/pause:9" }),
      of({ cgroupDriver: "cgroupfs" }),
    ];
    const changed = (now: typeof before) => [...now].filter(([name, value]) => before.get(name) !== value);
    const after = (word: string) =>
      new RegExp(`${word}-after=(\\S+)`).exec(before.get("service:crio.service") ?? "")?.[1]?.split(",");
    expect(changed(image).map(([name]) => name)).toEqual(["file:/etc/crio/crio.conf.d/20-pause-image.conf"]);
    expect(after("reload")).toEqual(["file:/etc/crio/crio.conf.d/20-pause-image.conf"]);
    expect(changed(driver).map(([name]) => name)).toEqual([
      "file:/etc/crio/crio.conf.d/02-cgroup-manager.conf",
      "cgroup_driver:crio",
    ]);
    expect(after("restart")).toContain("file:/etc/crio/crio.conf.d/02-cgroup-manager.conf");
  });

  it("has the driver that cgroup v2 and the node's pods allow", () => {
    expect(() => plan({ ...crio, cgroupDriver: "cgroupfs" })).toThrow(/cgroup v2, where systemd owns/);
    const pods = { count: 2, containers: 2, joined: true, cgroupDriver: "cgroupfs" } as const;
    expect(() => plan(crio, { pods })).toThrow(/has run 2 pods with cgroupfs/);
  });

  it("is refused where it is too old for Kubernetes, and warned of where it is of another minor version", () => {
    expect(() => plan({ ...crio, version: "1.31.4-1.1" })).toThrow(
      "cri-o 1.31.4-1.1 is of another minor version than Kubernetes 1.34.2, which it follows one by one; use cri-o 1.34",
    );
    const survey = { node: context, requirements: [], differing: [] };
    const warned = (version: string) =>
      containerRuntime.warnings?.({ ...crio, version }, facts, survey) ?? [];
    expect(warned("1.33.5-1.1")).toEqual([expect.stringContaining("cri-o 1.33.5-1.1 is of another minor")]);
    expect(warned("1.34.2-1.1")).toEqual([]);
  });
});

describe("Mirantis Container Runtime", () => {
  const socket = (path: string) => runtimeOf("mirantis").criSocket({ ...context, files: socketUnit(path) });

  it("has the socket that its own unit names", () => {
    expect(runtimeOf("mirantis").criSocket(context)).toBe("unix:///run/cri-dockerd.sock");
    expect(socket("%t/cri-dockerd.sock")).toBe("unix:///run/cri-dockerd.sock");
    expect(socket("/var/run/mcr.sock")).toBe("unix:///var/run/mcr.sock");
    expect(socket("/run/a;reboot")).toBe("unix:///run/cri-dockerd.sock");
  });

  it("needs a version and a URL", () => {
    const { version: _none, ...rest } = mirantis;
    expect(() => plan(rest)).toThrow("runtime.version is missing");
    expect(() => plan({ ...mirantis, repository: { key } })).toThrow("runtime.repository.url is missing");
  });

  it("is told apart from Docker by what it leaves", () => {
    const of = (type: "docker" | "mirantis") => runtimeOf(type).marks ?? [];
    expect(of("docker").filter((path) => of("mirantis").includes(path))).toEqual([]);
    expect(plan(mirantis).map(({ key: path }) => path)).toEqual(expect.arrayContaining([...of("mirantis")]));
  });
});

describe("cri-dockerd's release", () => {
  it("needs nothing twice", () => {
    const repository = { url: "https://packages.example.com/debian", key };
    const names = plan({ ...dockerRelease, repository }).map(requirementName);
    expect(names[0]).toBe("package:ca-certificates");
    expect(new Set(names).size).toBe(names.length);
  });

  it("is refused for an architecture without a sum, and beside a Docker that is too old for it", () => {
    expect(() => plan(dockerRelease, { architecture: "s390x" })).toThrow(
      "runtime.criDockerd.release.sha256 has no SHA-256 for s390x",
    );
    const release = { ...dockerRelease.criDockerd!.release!, version: "0.3.21" };
    expect(() =>
      plan(
        { ...dockerRelease, criDockerd: { release } },
        { packages: { "docker.io": { candidate: "20.10.24" } } },
      ),
    ).toThrow(/docker 20\.10\.24 has no API 1\.42, which cri-dockerd needs/);
  });
});

describe("dockershim, below Kubernetes 1.24", () => {
  it("is what kubeadm is told of, in the form that it knows", () => {
    const spec = cluster(
      config({
        kubernetesVersion: "1.21.14",
        runtime: { type: "docker" },
        nodes: { "node-0": node({ role: "control-plane" }) },
      }),
    );
    const socket = runtimeOf("docker").criSocket(spec);
    expect(initConfiguration(spec, spec.nodes[0]!, undefined, socket)).toBe(
      golden("dockershim-kubeadm.golden"),
    );
    expect(spec.runtime.sandboxImage).toBe("registry.k8s.io/pause:3.4.1");
  });

  it("ends with 1.23", () => {
    const names = (version: string) => plan(shim, {}, version).map(requirementName);
    expect(names("1.23.17").filter((name) => name.includes("cri-docker"))).toEqual([]);
    expect(names("1.24.0")).toContain("package:cri-dockerd");
  });
});
