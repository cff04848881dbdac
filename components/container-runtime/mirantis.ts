import { leftovers, pkg, service } from "../../plan/kinds";
import { requirementName, type Requirement } from "../../plan/requirement";
import { cgroupDriverInUse } from "./cgroup-driver";
import { cniBinDir, cniConfDir, cniDirectories } from "./cni";
import { criDockerdDefaultSocket, criDockerdInstalled, criDockerdUnits, serviceDropIn } from "./cri-dockerd";
import { apparmor, containerdRuns, docker, engineRuns } from "./docker";
import type { ContainerRuntimeArgs, Runtime, RuntimeUse } from "./types";

const dropInName = "10-nodeprep-mirantis.conf";
const [criService, criSocketUnit] = criDockerdUnits;

/** Where packages have the unit; the rest of its path differs between systems. */
const socketUnitFiles = ["/usr/lib", "/lib"].map((folder) => `${folder}/systemd/system/${criSocketUnit}`);

/**
 * Mirantis Container Runtime, formerly Docker Enterprise Edition: an engine like Docker's, with packages of its own from
 * the customer's repository, and cri-dockerd with it. Its socket is where its own unit says.
 */
export const mirantis: Runtime = {
  criSocket: (use) => `unix://${socketPath(use)}`,
  socketIsFound: true,
  cniBinDir,
  cniConfDir,
  units: docker.units,
  kubeletNeeds: () => [docker.units[0] ?? "", criService],
  restart: docker.restart,
  marks: [`/etc/systemd/system/${criService}.d/${dropInName}`],
  asks: (args) => ({ files: [...(docker.asks(args).files ?? []), ...socketUnitFiles] }),
  warnings: (...seen) => docker.warnings?.(...seen) ?? [],
  program: "docker",
  programs: () => ({ docker: "docker-ee", "cri-dockerd": "cri-dockerd" }),
  requirements: (args, facts, { kubernetesVersion, podCidrs }) => [
    ...apparmor(facts),
    ...packages(args),
    ...criDockerdInstalled(args, facts),
    leftovers("docker"),
    ...containerdRuns(),
    ...engineRuns(args, facts),
    ...cniDirectories(),
    ...criRuns(args, podCidrs, { kubernetesVersion, files: facts.files }),
    cgroupDriverInUse("docker", args.cgroupDriver),
  ],
};

function packages({ version }: ContainerRuntimeArgs): readonly Requirement[] {
  if (version === undefined) throw new Error("runtime.version is missing: name the version of docker-ee");
  return [
    pkg("containerd.io", { hold: true, quietUnits: ["containerd.service"] }),
    pkg("docker-ee", { version, hold: true, quietUnits: ["docker.service", "docker.socket"] }),
    pkg("docker-ee-cli", { hold: true }),
  ];
}

function criRuns(
  args: ContainerRuntimeArgs,
  podCidrs: readonly string[],
  use: RuntimeUse,
): readonly Requirement[] {
  const dropIn = serviceDropIn(args, podCidrs, dropInName);
  return [
    dropIn,
    service(criSocketUnit, { listens: socketPath(use) }),
    service(criService, { restartAfter: [requirementName(dropIn)] }),
  ];
}

/** The first socket that the unit names; before there is a unit, the one that it usually names. */
function socketPath({ files = {} }: RuntimeUse): string {
  const text = socketUnitFiles.map((path) => files[path]?.content).find((content) => content !== undefined);
  const path = /^ListenStream=(\S+)$/m.exec(text ?? "")?.[1]?.replace(/^%t\//, "/run/");
  return path === undefined || !/^\/[A-Za-z0-9._/-]+$/.test(path) ? criDockerdDefaultSocket : path;
}
