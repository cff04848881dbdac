import { hasDockershim } from "../../config/kubernetes-versions";
import type { Facts } from "../../plan/facts";
import { directory, file, leftovers, mergedFile, pkg, service } from "../../plan/kinds";
import { requirementName, type Requirement } from "../../plan/requirement";
import { cgroupDriverInUse } from "./cgroup-driver";
import { cniBinDir, cniConfDir, cniDirectories } from "./cni";
import { containerdWithoutCri } from "./containerd-config";
import {
  criDockerdInstalled,
  criDockerdMarks,
  criDockerdPackage,
  criDockerdRuns,
  criDockerdSocket,
  criDockerdUnits,
} from "./cri-dockerd";
import { daemonJson, daemonJsonPath, otherStorage } from "./daemon-json";
import type { ContainerRuntimeArgs, Runtime } from "./types";

const unit = "docker.service";
const socketUnit = "docker.socket";
/** Docker Engine runs its containers through a containerd of its own package, which stays without CRI. */
const engineUnit = "containerd.service";

/**
 * The socket of the kubelet's own way to Docker, below Kubernetes 1.24. In this form, without a scheme, kubeadm knows
 * it, and gives its kubelets what they need for it.
 */
const dockershim = "/var/run/dockershim.sock";

/**
 * Docker Engine, from the distribution or from Docker's repository, and cri-dockerd. Packages come first, with their
 * units kept from starting; the engine's containerd before the engine, the engine before cri-dockerd. Kubernetes below 1.24 needs no cri-dockerd.
 */
export const docker: Runtime = {
  criSocket: ({ kubernetesVersion }) => (hasDockershim(kubernetesVersion) ? dockershim : criDockerdSocket),
  cniBinDir,
  cniConfDir,
  units: [unit, socketUnit, ...criDockerdUnits, engineUnit],
  kubeletNeeds: ({ kubernetesVersion }) =>
    hasDockershim(kubernetesVersion) ? [unit] : [unit, criDockerdUnits[0]],
  restart: "stops running containers, unless daemon.json has live-restore",
  marks: criDockerdMarks,
  asks: () => ({ files: [daemonJsonPath] }),
  warnings: (_, facts, { differing }) => otherStorage(facts, differing),
  program: "docker",
  programs: (args) => ({
    docker: packagesOf(args).engine,
    "cri-dockerd": criDockerdPackage,
    ...(args.source === "docker" ? {} : { runc: "runc" }),
  }),
  rivals: ({ source }) =>
    source === "docker" ? ["containerd", "docker.io", "runc"] : ["containerd.io", "docker-ce"],
  requirements: (args, facts, { kubernetesVersion, podCidrs }) => {
    checkPackageManager(args, facts);
    const isShimmed = hasDockershim(kubernetesVersion);
    return [
      ...packages(args, facts),
      ...(isShimmed ? [] : criDockerdInstalled(args, facts)),
      leftovers("docker"),
      ...containerdRuns(),
      ...engineRuns(args, facts),
      ...cniDirectories(),
      ...(isShimmed ? [] : criDockerdRuns(args, podCidrs)),
      cgroupDriverInUse("docker", args.cgroupDriver),
    ];
  },
};

/** The distribution's packages, and those of Docker's repository, whose containerd has runc in it. */
const packagesOf = ({ source }: ContainerRuntimeArgs) =>
  source === "docker"
    ? { containerd: "containerd.io", engine: "docker-ce" }
    : { containerd: "containerd", engine: "docker.io" };

/** containerd is stated, too, so that a node that changes from one to the other keeps it. */
function packages(args: ContainerRuntimeArgs, facts: Facts): readonly Requirement[] {
  const client = args.source === "docker" ? "docker-ce-cli" : "docker-cli";
  return [
    ...apparmor(facts),
    pkg(packagesOf(args).containerd, { hold: true, quietUnits: [engineUnit] }),
    pkg(packagesOf(args).engine, { version: args.version, hold: true, quietUnits: [unit, socketUnit] }),
    ...(args.source === "docker" || hasOwnCli(facts) ? [pkg(client, { hold: true })] : []),
  ];
}

/** Where the kernel has AppArmor, as Debian's and Ubuntu's do, Docker starts no container without its parser. */
export const apparmor = ({ packageManager }: Facts): readonly Requirement[] =>
  packageManager === "apt" ? [pkg("apparmor")] : [];

/** From Debian 13 on, the client is a package of its own, which docker.io only recommends. */
const hasOwnCli = ({ osId, osVersion }: Facts): boolean => osId === "debian" && Number(osVersion) >= 13;

/** The engine's containerd runs, without CRI. */
export function containerdRuns(): readonly Requirement[] {
  const config = file("/etc/containerd/config.toml", containerdWithoutCri());
  return [
    directory("/etc/containerd"),
    config,
    service(engineUnit, { restartAfter: [requirementName(config)] }),
  ];
}

/** Docker Engine, or one like it, runs with our settings beside the user's. */
export function engineRuns(
  { cgroupDriver, registryMirrors }: ContainerRuntimeArgs,
  facts: Facts,
): readonly Requirement[] {
  const { kernel } = facts;
  const mirrors = (registryMirrors?.["docker.io"] ?? []).map(({ url }) => url);
  const wanted = { cgroupDriver, kernel, mirrors };
  const config = mergedFile(daemonJsonPath, facts, (found) => daemonJson(found, wanted));
  return [
    // dockerd makes a key for itself there
    directory("/etc/docker", { contents: ["key.json"] }),
    directory("/etc/systemd/system/docker.service.d"),
    config,
    service(socketUnit),
    service(unit, { restartAfter: [requirementName(config)] }),
  ];
}

function checkPackageManager({ source }: ContainerRuntimeArgs, { packageManager, osName }: Facts): void {
  if (source === "distribution" && packageManager !== "apt")
    throw new Error(
      `runtime.type is docker and runtime.source distribution, but ${osName} (package manager ${packageManager}) ` +
        "has no docker.io package: use runtime.source: docker (its docker-ce, with runtime.repository), or Debian 12 or " +
        "Ubuntu 20.04, or newer ones",
    );
}
