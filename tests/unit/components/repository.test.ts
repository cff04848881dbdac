import { containerRuntime, type ContainerRuntimeArgs } from "../../../components/container-runtime";
import type { Facts } from "../../../plan/facts";
import { requirementName } from "../../../plan/requirement";
import { context, facts } from "./fixtures";

const key = "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nAAAA\n-----END PGP PUBLIC KEY BLOCK-----";
const args: ContainerRuntimeArgs = {
  type: "docker",
  source: "docker",
  cgroupDriver: "systemd",
  sandboxImage: "registry.k8s.io/pause:3.10.1",
  repository: { key },
};
const rocky: Partial<Facts> = {
  osId: "rocky",
  osVersion: "9.6",
  osName: "Rocky Linux 9.6",
  packageManager: "dnf",
};

const plan = (other: Partial<ContainerRuntimeArgs> = {}, some: Partial<Facts> = {}) =>
  containerRuntime.requirements({ ...args, ...other }, { ...facts, ...some }, context);
const body = (name: string, ...words: Parameters<typeof plan>) =>
  plan(...words).find((r) => requirementName(r) === name)?.body;

const apt = "file:/etc/apt/sources.list.d/nodeprep-runtime.sources";
const dnf = "file:/etc/yum.repos.d/nodeprep-runtime.repo";

describe("Docker's repository", () => {
  it("is apt's on Debian, signed by its key alone, before the packages that come from it", () => {
    expect(plan().map(requirementName).slice(0, 8)).toEqual([
      "package:ca-certificates",
      "file:/etc/apt/keyrings/nodeprep-runtime.asc",
      apt,
      "package:apparmor",
      "package:containerd.io",
      "package:docker-ce",
      "package:docker-ce-cli",
      "package:cri-dockerd",
    ]);
    expect(body("file:/etc/apt/keyrings/nodeprep-runtime.asc")).toBe(key);
    expect(body(apt)?.split("\n").slice(1)).toEqual([
      "Types: deb",
      "URIs: https://download.docker.com/linux/debian",
      "Suites: bookworm",
      "Components: stable",
      "Signed-By: /etc/apt/keyrings/nodeprep-runtime.asc",
    ]);
  });

  it.each([
    ["rocky", "centos"],
    ["rhel", "rhel"],
    ["fedora", "fedora"],
  ])("is dnf's on %s: that of %s", (osId, folder) => {
    expect(
      body(dnf, {}, { ...rocky, osId })
        ?.split("\n")
        .slice(1),
    ).toEqual([
      "[nodeprep-runtime]",
      "name=runtime",
      `baseurl=https://download.docker.com/linux/${folder}/$releasever/$basearch/stable`,
      "enabled=1",
      "gpgcheck=1",
      "gpgkey=file:///etc/pki/rpm-gpg/RPM-GPG-KEY-nodeprep-runtime",
    ]);
  });

  it("has containerd.io, in a version that config names", () => {
    const containerd = { type: "containerd", version: "1.7.28-1~debian.12~bookworm" } as const;
    expect(plan(containerd).map(requirementName)[3]).toBe("package:containerd.io");
    expect(body("file:/etc/containerd/config.toml", containerd)).toContain("version = 2");
    expect(body("file:/etc/containerd/config.toml", { ...containerd, version: "2.2.0-1~debian" })).toContain(
      "version = 3",
    );
    expect(() => plan({ type: "containerd" })).toThrow(/name the version in runtime\.version/);
  });
});

describe("a repository of one's own", () => {
  const own = { url: "https://packages.example.com/deb", key };

  it("may be flat, and brings cri-dockerd beside the distribution's Docker", () => {
    const repository = { ...own, suite: "./" };
    expect(body(apt, { source: "distribution", repository })).not.toContain("Components");
    expect(plan({ source: "distribution", repository }).map(requirementName)[5]).toBe("package:docker.io");
  });

  it("has the components that config names", () =>
    expect(body(apt, { repository: { ...own, components: ["a", "b"] } })).toContain("\nComponents: a b\n"));

  it("has no components of Docker's where it is not Docker's", () =>
    expect(body(apt, { repository: own })).toContain("\nComponents: main\n"));

  it("needs a suite where the system's is not known, and a package manager", () => {
    expect(() => plan({}, { osVersion: "99", osName: "Debian 99" })).toThrow(
      /Debian 99 .* set runtime\.repository\.suite/,
    );
    expect(() => plan({}, { packageManager: "none" })).toThrow(/no package manager that is supported/);
  });
});
