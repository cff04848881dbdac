import {
  containerRuntime,
  runtimeOf,
  type ContainerRuntimeArgs,
} from "../../../components/container-runtime";
import { containerdVersion } from "../../../components/container-runtime/containerd-version";
import type { Facts } from "../../../plan/facts";
import { encodeRequirements, requirementName } from "../../../plan/requirement";
import { context, facts } from "./fixtures";

const debian: Facts = { ...facts, packages: { containerd: { candidate: "1.6.20~ds1-1+deb12u3" } } };

const args: ContainerRuntimeArgs = {
  type: "containerd",
  source: "distribution",
  cgroupDriver: "systemd",
  sandboxImage: "registry.k8s.io/pause:3.10.1",
};

const plan = (facts: Partial<Facts> = {}, other: Partial<ContainerRuntimeArgs> = {}) =>
  containerRuntime.requirements({ ...args, ...other }, { ...debian, ...facts }, context);
const values = (...words: Parameters<typeof plan>) =>
  Object.fromEntries(plan(...words).map((r) => [requirementName(r), r.value]));

describe("the container-runtime stage", () => {
  it("installs, configures, starts and then asks the running daemon", () => {
    expect(plan().map(requirementName)).toEqual([
      "package:containerd",
      "leftovers:containerd",
      "directory:/etc/containerd",
      "directory:/etc/containerd/certs.d",
      "directory:/etc/cni",
      "directory:/etc/cni/net.d",
      "file:/etc/containerd/config.toml",
      "service:containerd.service",
      "cgroup_driver:containerd",
    ]);
    expect(values()).toMatchObject({
      "package:containerd": "version=any hold quiet=containerd.service",
      "service:containerd.service": "enabled active restart-after=file:/etc/containerd/config.toml",
      "cgroup_driver:containerd": "systemd",
    });
  });

  it("has containerd itself check its configuration before it is written", () =>
    expect(values()["file:/etc/containerd/config.toml"]).toMatch(/ check=containerd$/));

  it("asks for the version of its package", () =>
    expect(containerRuntime.asks?.(args).packages).toEqual(["containerd", "runc"]));

  it("pins the version that config names", () =>
    expect(values({}, { version: "1.6.20~ds1-1+deb12u2" })["package:containerd"]).toBe(
      "version=1.6.20~ds1-1+deb12u2 hold quiet=containerd.service",
    ));

  it("is the same plan before and after the installation", () => {
    for (const version of ["1.6.20~ds1-1+deb12u3", "2.1.3-0ubuntu3"]) {
      const before = plan({ packages: { containerd: { candidate: version } } });
      const after = plan({ packages: { containerd: { installed: version } } });
      expect(encodeRequirements(after)).toBe(encodeRequirements(before));
    }
  });

  it("says where the kubelet reaches the runtime", () =>
    expect(runtimeOf("containerd").criSocket(context)).toBe("unix:///run/containerd/containerd.sock"));
});

describe("what a node cannot have", () => {
  it.each<[string, Partial<Facts>, Partial<ContainerRuntimeArgs>, RegExp]>([
    ["cgroupfs on cgroup v2", {}, { cgroupDriver: "cgroupfs" }, /cgroup v2.*use systemd/],
    ["systemd without systemd", { init: "other" }, {}, /systemd does not run/],
    [
      "no containerd in the distribution",
      { packageManager: "dnf", osId: "rocky", osVersion: "9.6", osName: "Rocky Linux 9.6" },
      {},
      /Rocky Linux 9\.6 \(package manager dnf\).*use runtime\.source: docker/,
    ],
    [
      "a containerd without CRI v1",
      { osName: "Debian GNU/Linux 11 (bullseye)", packages: { containerd: { candidate: "1.4.13~ds1-1" } } },
      {},
      /containerd 1\.4\.13~ds1-1 speaks no CRI v1.* Kubernetes 1\.34\.2 use containerd 1\.6 or newer/,
    ],
    [
      "a containerd without CRI v1, with package lists that are empty",
      { osName: "Debian GNU/Linux 11 (bullseye)", osVersion: "11", packages: {} },
      {},
      /containerd 1\.4 speaks no CRI v1.* use containerd 1\.6 or newer \(Debian 12, /,
    ],
    ["a containerd before 1.0", {}, { version: "0.9.1" }, /containerd 0\.9\.1 speaks no CRI v1/],
    ["a version without numbers", {}, { version: "latest" }, /"latest".*like 1\.7/],
  ])("refuses %s", (_title, facts, other, message) => expect(() => plan(facts, other)).toThrow(message));
});

describe("the version of containerd", () => {
  const version = (facts: Partial<Facts>, pinned?: string) => {
    const { major, minor } = containerdVersion({ ...debian, ...facts }, "containerd", pinned);
    return `${major}.${minor}`;
  };

  it("is the pinned one, else the installed one, else the candidate", () => {
    const packages = { containerd: { installed: "1.7.24-1", candidate: "2.0.5-1" } };
    expect(version({ packages }, "2:2.1.0-1")).toBe("2.1");
    expect(version({ packages })).toBe("1.7");
    expect(version({ packages: { containerd: { candidate: "v2.0.5-1" } } })).toBe("2.0");
  });

  it.each([
    ["debian", "11", "1.4"],
    ["debian", "12", "1.6"],
    ["debian", "13", "1.7"],
    ["debian", "14", "2.1"],
    ["ubuntu", "20.04", "1.7"],
    ["ubuntu", "22.04", "2.2"],
    ["ubuntu", "24.04", "2.2"],
    ["ubuntu", "26.04", "2.2"],
    ["linuxmint", "22", "1.7"],
  ])("is, for %s %s with empty package lists, %s", (osId, osVersion, expected) =>
    expect(version({ osId, osVersion, packages: {} })).toBe(expected),
  );
});
