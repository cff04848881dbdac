import { startsOnCgroupV1 } from "../../config/kubernetes-versions";
import type { Facts } from "../../plan/facts";
import { followed } from "../../plan/kinds";
import { requirementName, type Requirement } from "../../plan/requirement";
import type { NodeContext, StageSurvey } from "../../plan/stage";
import type { CgroupDriver, ContainerRuntimeArgs, Runtime, RuntimeType } from "./types";
import { otherClusterFiles, traceOf } from "./other-clusters";
import type { Versions } from "./version-checks";
import type { Program } from "./versions";

/** Where kubelets keep their configuration: kubeadm's, and that of nodes that are made by hand. */
const kubeletFiles = ["/var/lib/kubelet/config.yaml", "/var/lib/kubelet/kubelet-config.yaml"];

/** Every runtime by its type; this page knows none of them. */
type Runtimes = Readonly<Record<RuntimeType, Runtime>>;

/**
 * What a runtime asks for, the versions of its programs, the files that tell its kubelet's cgroup driver, and those
 * that tell of another runtime.
 */
export function allAsks(
  runtimes: Runtimes,
  args: ContainerRuntimeArgs,
): Readonly<Record<"packages" | "files" | "glances", readonly string[]>> {
  const runtime = runtimes[args.type];
  const { files = [], glances = [] } = runtime.asks(args);
  return {
    packages: [...new Set(Object.values(runtime.programs(args)))],
    files: [...files, ...kubeletFiles, ...Object.values(runtimes).flatMap(({ marks = [] }) => marks)],
    glances: [...glances, ...otherClusterFiles, ...(runtime.rivals?.(args) ?? []).map(traceOf)],
  };
}

/** The versions that the node has or will have: the pinned, else the installed one, else the one to be installed. */
export function versionsOf(runtime: Runtime, args: ContainerRuntimeArgs, facts: Facts): Versions {
  const { version, release } = args.criDockerd ?? {};
  const pinned: Versions = { "cri-dockerd": version ?? release?.version };
  const released: Versions = args.release === undefined ? {} : { [runtime.program]: args.release.version };
  const packages = Object.entries(runtime.programs(args)) as [Program, string][];
  const packaged: Versions = Object.fromEntries(
    packages.map(([program, name], index) => {
      const known = facts.packages[name];
      // the first is the runtime itself, which runtime.version is about
      const wanted = index === 0 ? args.version : pinned[program];
      return [program, wanted ?? known?.installed ?? known?.candidate];
    }),
  );
  return { ...packaged, ...released };
}

/**
 * Refuses a cgroup driver that cannot work on the node.
 *
 * @throws Error for `systemd` without systemd, and for `cgroupfs` on cgroup v2
 */
export function checkCgroupDriver(driver: CgroupDriver, facts: Facts): void {
  if (driver === "cgroupfs" && facts.cgroupVersion === 2)
    throw new Error(
      "runtime.cgroupDriver is cgroupfs, but the node has cgroup v2, where systemd owns the cgroups: use systemd",
    );
  if (driver === "systemd" && facts.init !== "systemd")
    throw new Error(
      "runtime.cgroupDriver is systemd, but systemd does not run on the node: use a machine with systemd",
    );
}

/**
 * Refuses another cgroup driver than the one that the node's pods were made with: the kubelet cannot make their
 * sandboxes again, and restarting it does not help.
 *
 * @throws Error with the steps, unless the node has `allowCgroupDriverChange` and none of its pods runs
 */
export function checkCgroupDriverChange(driver: CgroupDriver, facts: Facts, node: NodeContext): void {
  const now = driverOfPods(facts);
  if (now === undefined || now === driver) return;
  if (node.allowCgroupDriverChange === true) {
    refuseUnderPods(driver, now, facts, node);
    return;
  }
  throw new Error(
    `runtime.cgroupDriver is ${driver}, but the node ${ranPods(facts)} with ${now}: pods of the one cannot go on ` +
      `with the other. Drain the node (kubectl drain ${registered(facts, node)} --ignore-daemonsets), remove it from the cluster ` +
      `(kubectl delete node ${registered(facts, node)}; kubeadm reset on it), set nodes.${node.name}.allowCgroupDriverChange: true, ` +
      `update, and join it again; or set runtime.cgroupDriver: ${now}`,
  );
}

/** Folders of pods may be left of a node that was drained: what runs is what would be lost. */
function refuseUnderPods(driver: CgroupDriver, now: CgroupDriver, facts: Facts, node: NodeContext): void {
  const { pods } = facts;
  if (pods === undefined || pods.count === 0 || pods.containers === 0) return;
  throw new Error(
    `runtime.cgroupDriver is ${driver}, and nodes.${node.name}.allowCgroupDriverChange is set, but the node runs ` +
      `${count(pods.count, "pod")} with ${now} (${count(pods.containers, "container")}): drain it (kubectl drain ` +
      `${registered(facts, node)} --ignore-daemonsets), remove it from the cluster (kubectl delete node ` +
      `${registered(facts, node)}), end what stays on it (kubeadm reset, ` +
      "or systemctl stop kubelet; crictl rmp --all --force), remove what is left in /var/lib/kubelet/pods, and update again",
  );
}

/** Its name in Kubernetes, for commands that people copy: kubelets register under the machine's own, which may be another. */
const registered = ({ hostname }: Facts, { name }: Pick<NodeContext, "name">): string =>
  /^[A-Za-z0-9][A-Za-z0-9.-]*$/.test(hostname) ? hostname.toLowerCase() : name;

/** The driver that the node's pods were made with; undefined where it has none, or nothing tells. */
function driverOfPods(facts: Facts): CgroupDriver | undefined {
  const { pods } = facts;
  if (pods === undefined || (pods.count === 0 && !pods.joined)) return undefined;
  return pods.cgroupDriver ?? kubeletFiles.map((path) => driverIn(facts.files[path]?.content)).find(Boolean);
}

/** `cgroupDriver` of a KubeletConfiguration; undefined where it says none, as newer kubelets ask the runtime. */
function driverIn(content: string | undefined): CgroupDriver | undefined {
  const match = /^cgroupDriver:\s*["']?(systemd|cgroupfs)["']?\s*(#.*)?$/m.exec(content ?? "");
  return match?.[1] as CgroupDriver | undefined;
}

const ranPods = ({ pods }: Facts): string =>
  pods !== undefined && pods.count > 0 ? `has run ${count(pods.count, "pod")}` : "is part of a cluster";

const count = (number: number, what: string): string => `${number} ${what}${number === 1 ? "" : "s"}`;

/** The warnings for a cgroup driver that works, but with two managers of the same cgroups, or that is a new one. */
export function cgroupDriverWarnings(
  driver: CgroupDriver,
  facts: Facts,
  node: NodeContext,
): readonly string[] {
  const now = driverOfPods(facts);
  return [
    ...(facts.cgroupVersion === 1 && !startsOnCgroupV1(node.kubernetesVersion)
      ? [
          `the node has cgroup v1, on which the kubelet of ${node.kubernetesVersion} does not start unless failCgroupV1 is ` +
            "false: boot it with systemd.unified_cgroup_hierarchy=1 on the kernel's command line",
        ]
      : []),
    ...(driver === "cgroupfs" && facts.init === "systemd"
      ? [
          "runtime.cgroupDriver is cgroupfs on a node that systemd runs: two managers of the same cgroups make a " +
            "node unstable under memory pressure; use systemd",
        ]
      : []),
    ...(now !== undefined && now !== driver
      ? [
          `the cgroup driver changes from ${now} to ${driver} on a node that ${ranPods(facts)}, since ` +
            `nodes.${node.name}.allowCgroupDriverChange is set: pods of before may fail for good`,
        ]
      : []),
  ];
}

/** Says before it happens that the runtime will be restarted, or exchanged, under running containers. */
export function restartWarnings(
  runtimes: Runtimes,
  type: RuntimeType,
  facts: Facts,
  survey: StageSurvey,
): readonly string[] {
  const running = facts.pods?.containers ?? 0;
  const { units } = runtimes[type];
  const causes = restartCauses(survey.requirements, units).filter((name) => survey.differing.includes(name));
  const old = oldRuntime(runtimes, type, facts);
  if (running === 0 || (causes.length === 0 && old === undefined)) return [];
  const [what, effect] =
    old === undefined
      ? [
          `restarts the container runtime (because of ${causes.join(", ")})`,
          `a restart ${runtimes[type].restart}`,
        ]
      : [`puts ${type} in the place of ${old}`, `${old}'s containers end, ${type} takes none over`];
  return [
    `an update ${what} while ${count(running, "container")} run${running === 1 ? "s" : ""} on this node; ${effect}. ` +
      `To be safe, drain it first: kubectl drain ${registered(facts, survey.node)} --ignore-daemonsets`,
  ];
}

/** The runtime that the node has from nodeprep and loses, as far as it has left a mark. */
const oldRuntime = (runtimes: Runtimes, type: RuntimeType, { files }: Facts): RuntimeType | undefined =>
  (Object.keys(runtimes) as RuntimeType[]).find((other) => {
    const { marks = [] } = runtimes[other];
    return other !== type && marks.some((path) => files[path] !== undefined);
  });

/** Requirements whose change restarts one of these units: packages, services, and what services wait for. */
const restartCauses = (requirements: readonly Requirement[], units: readonly string[]): readonly string[] =>
  requirements.flatMap((requirement) => {
    if (requirement.kind === "package") return [requirementName(requirement)];
    if (requirement.kind !== "service" || !units.includes(requirement.key)) return [];
    return [requirementName(requirement), ...followed(requirement, "restart")];
  });
