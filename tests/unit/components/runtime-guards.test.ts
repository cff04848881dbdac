import { containerRuntime, type ContainerRuntimeArgs } from "../../../components/container-runtime";
import type { Facts, PodFacts } from "../../../plan/facts";
import { requirementName } from "../../../plan/requirement";
import type { NodeContext, StageSurvey } from "../../../plan/stage";
import { context, facts } from "./fixtures";

const args: ContainerRuntimeArgs = {
  type: "containerd",
  source: "distribution",
  cgroupDriver: "systemd",
  sandboxImage: "registry.k8s.io/pause:3.10.1",
};

const pods = (some: Partial<PodFacts>): Pick<Facts, "pods"> => ({
  pods: { count: 0, containers: 0, joined: false, ...some },
});
const kubelet = (text: string): Pick<Facts, "files"> => ({
  files: { "/var/lib/kubelet/config.yaml": { sha256: "0", content: text } },
});
const plan = (some: Partial<Facts>, node: Partial<NodeContext> = {}) =>
  containerRuntime.requirements(args, { ...facts, ...some }, { ...context, ...node });

const warnings = (
  some: Partial<Facts>,
  {
    cgroupDriver = "systemd",
    type = "containerd",
    differing = [],
    ...node
  }: Partial<NodeContext> & {
    readonly cgroupDriver?: "systemd" | "cgroupfs";
    readonly type?: ContainerRuntimeArgs["type"];
    readonly differing?: readonly string[];
  } = {},
) => {
  const survey: StageSurvey = {
    node: { ...context, ...node },
    requirements: containerRuntime.requirements(args, facts, context),
    differing,
  };
  return containerRuntime.warnings?.({ ...args, type, cgroupDriver }, { ...facts, ...some }, survey);
};

describe("another cgroup driver than the node's pods have", () => {
  it.each<[string, Partial<Facts>]>([
    ["their control groups show it", pods({ count: 3, cgroupDriver: "cgroupfs" })],
    [
      "the kubelet's configuration says it",
      { ...pods({ joined: true }), ...kubelet("kind: KubeletConfiguration\ncgroupDriver: cgroupfs # v1\n") },
    ],
  ])("is refused with the steps where %s", (_title, some) => {
    expect(() => plan(some)).toThrow(
      /with cgroupfs: .*kubectl drain node-0 .*kubectl delete node node-0.*nodes\.node-0\.allowCgroupDriverChange: true/,
    );
  });

  it("is refused with the name that the kubelet has registered, unless it is none", () => {
    const some = pods({ count: 2, cgroupDriver: "cgroupfs" });
    expect(() => plan({ ...some, hostname: "IP-10-0-0-1.ec2" })).toThrow(
      /kubectl drain ip-10-0-0-1\.ec2 .*kubectl delete node ip-10-0-0-1\.ec2;.*nodes\.node-0\.allow/,
    );
    expect(() => plan({ ...some, hostname: "$(reboot)" })).toThrow(/kubectl drain node-0 /);
  });

  it("is refused under running pods even where the node says so", () => {
    const some = pods({ count: 2, containers: 5, cgroupDriver: "cgroupfs" });
    expect(() => plan(some, { allowCgroupDriverChange: true })).toThrow(
      /allowCgroupDriverChange is set, but the node runs 2 pods with cgroupfs \(5 containers\): drain it .*kubectl drain node-0/,
    );
  });

  it("is allowed where the node says so and was drained, and announced", () => {
    const some = pods({ count: 1, cgroupDriver: "cgroupfs" });
    expect(plan(some, { allowCgroupDriverChange: true })).not.toEqual([]);
    expect(warnings(some, { allowCgroupDriverChange: true })).toEqual([
      expect.stringMatching(/changes from cgroupfs to systemd on a node that has run 1 pod,/),
    ]);
  });

  it.each<[string, Partial<Facts>]>([
    ["no pods", pods({ containers: 2, cgroupDriver: "cgroupfs" })],
    ["pods with the same one", pods({ count: 2, cgroupDriver: "systemd" })],
    [
      "a kubelet that does not say",
      { ...pods({ joined: true }), ...kubelet("kind: KubeletConfiguration\n") },
    ],
    ["a broken kubelet configuration", { ...pods({ joined: true }), ...kubelet("{ cgroupDriver") }],
  ])("is no matter on a node with %s", (_title, some) => expect(plan(some)).not.toEqual([]));
});

describe("what a preview announces", () => {
  it("is a restart under running containers, with its cause", () => {
    const differing = ["file:/etc/containerd/config.toml", "directory:/etc/cni"];
    expect(warnings(pods({ containers: 4 }), { differing })).toEqual([
      "an update restarts the container runtime (because of file:/etc/containerd/config.toml) while 4 containers run " +
        "on this node; a restart leaves running containers alone. To be safe, drain it first: kubectl drain node-0 " +
        "--ignore-daemonsets",
    ]);
    expect(warnings(pods({ containers: 4 }), { differing: ["directory:/etc/cni"] })).toEqual([]);
    expect(warnings({}, { differing })).toEqual([]);
  });

  it.each([
    ["docker", "containerd", "/etc/systemd/system/cri-docker.service.d/10-nodeprep.conf"],
    ["containerd", "docker", "/var/lib/nodeprep/req/leftovers:containerd/spec"],
  ] as const)("is that containers of %s end when %s takes its place", (old, type, mark) => {
    const files = { [mark]: { sha256: "0", content: "" } };
    expect(containerRuntime.asks?.({ ...args, type }).files).toContain(mark);
    expect(warnings({ ...pods({ containers: 1 }), files }, { type })).toEqual([
      `an update puts ${type} in the place of ${old} while 1 container runs on this node; ${old}'s containers end, ` +
        `${type} takes none over. To be safe, drain it first: kubectl drain node-0 --ignore-daemonsets`,
    ]);
    expect(warnings({ files }, { type })).toEqual([]);
    expect(warnings({ ...pods({ containers: 1 }), files }, { type: old })).toEqual([]);
  });

  it("is no restart of the runtime where NetworkManager is to be reloaded", () => {
    const node = { ...facts, ...pods({ containers: 4 }), networkManager: true };
    const requirements = containerRuntime.requirements(args, node, context);
    const differing = requirements.map(requirementName).filter((name) => name.includes("NetworkManager"));
    expect(differing).toHaveLength(2);
    expect(containerRuntime.warnings?.(args, node, { node: context, requirements, differing })).toEqual([]);
  });

  it("is cgroupfs on a node that systemd runs", () => {
    expect(warnings({ cgroupVersion: 1 }, { cgroupDriver: "cgroupfs" })).toEqual([
      expect.stringContaining("two managers of the same cgroups"),
    ]);
    expect(warnings({ cgroupVersion: 1, init: "other" }, { cgroupDriver: "cgroupfs" })).toEqual([]);
    expect(warnings({})).toEqual([]);
  });
});
