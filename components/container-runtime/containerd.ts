import type { Facts } from "../../plan/facts";
import { directory, file, leftovers, pkg, service } from "../../plan/kinds";
import { requirementName, type Requirement } from "../../plan/requirement";
import type { NodeContext } from "../../plan/stage";
import { cgroupDriverInUse } from "./cgroup-driver";
import { cniBinDir, cniConfDir, cniDirectories } from "./cni";
import { containerdConfig, registryConfigPath, type ContainerdConfig } from "./containerd-config";
import {
  containerdConfigPath,
  containerdUnitPath,
  lostSettings,
  otherProgram,
  refuseOtherPlaces,
} from "./containerd-found";
import { releaseRequirements, runcPath } from "./containerd-release";
import { containerdVersion } from "./containerd-version";
import { mirrorSecrets, registryMirrors } from "./registry-mirrors";
import type { ContainerRuntimeArgs, Runtime, RuntimeSource } from "./types";
import { refuseVersions } from "./version-checks";

const unit = "containerd.service";

/** By source; containerd.io has runc in it. */
const rivals: Readonly<Partial<Record<RuntimeSource, readonly string[]>>> = {
  distribution: ["containerd.io"],
  docker: ["containerd", "runc"],
};
/** The distribution's package, of that name on Debian and Ubuntu; Docker's, which has runc in it, for apt and dnf. */
const packageOf = ({ source }: ContainerRuntimeArgs): string =>
  source === "docker" ? "containerd.io" : "containerd";

/**
 * containerd from the distribution or from its project's release. What brings it comes first: the daemon starts once,
 * with the configuration that it is to have. What it leaves behind goes last of all.
 */
export const containerd: Runtime = {
  criSocket: () => "unix:///run/containerd/containerd.sock",
  cniBinDir,
  cniConfDir,
  units: [unit],
  restart: "leaves running containers alone",
  marks: ["/var/lib/nodeprep/req/leftovers:containerd/spec"],
  asks: () => ({ glances: [containerdConfigPath, containerdUnitPath] }),
  warnings: (args, facts, { differing }) => [...otherProgram(args, facts), ...lostSettings(facts, differing)],
  secrets: ({ registryMirrors: mirrors = {} }) => mirrorSecrets(mirrors),
  program: "containerd",
  programs: (args) => ({
    ...(args.source === "release" ? {} : { containerd: packageOf(args) }),
    // containerd.io has a runc of its own in it
    ...(args.source === "distribution" ? { runc: "runc" } : {}),
  }),
  rivals: ({ source }) => rivals[source] ?? [],
  requirements: (args, facts, node) => {
    refuseOtherPlaces(facts);
    const installed =
      args.release === undefined ? fromPackage(args, facts) : releaseRequirements(args.release, facts);
    const config = configFile(args, facts, node);
    // Every container's start runs runc anew: for another one nothing is restarted.
    const restartAfter = [
      ...installed.filter(({ kind, key }) => kind === "file" || (kind === "download" && key !== runcPath)),
      config,
    ];
    return [
      ...installed,
      leftovers("containerd"),
      ...directories.map((path) => directory(path)),
      ...cniDirectories(),
      config,
      ...registryMirrors(registryConfigPath, args.registryMirrors ?? {}, facts),
      service(unit, { restartAfter: restartAfter.map(requirementName) }),
      cgroupDriverInUse("containerd", args.cgroupDriver),
    ];
  },
};

const directories = ["/etc/containerd", registryConfigPath];

function fromPackage(args: ContainerRuntimeArgs, facts: Facts): readonly Requirement[] {
  const { version, source } = args;
  checkPackageManager(args, facts);
  const early = version === undefined && source === "distribution";
  return [pkg(packageOf(args), { version, early, hold: true, quietUnits: [unit] })];
}

function configFile(args: ContainerRuntimeArgs, facts: Facts, node: NodeContext): Requirement {
  const { cgroupDriver, sandboxImage } = args;
  const version = containerdVersion(facts, packageOf(args), args.release?.version ?? args.version);
  // a version that only follows from the distribution was not looked up before
  refuseVersions({ containerd: `${version.major}.${version.minor}` }, node);
  const config: ContainerdConfig = { version, cgroupDriver, sandboxImage };
  const content = containerdConfig(args.release === undefined ? config : { ...config, runcPath });
  return file(containerdConfigPath, content, { check: "containerd" });
}

function checkPackageManager({ source, version }: ContainerRuntimeArgs, facts: Facts): void {
  const { packageManager, osName } = facts;
  if (source === "docker" && version === undefined)
    throw new Error(
      "runtime.source is docker, and its repository is not known to the node yet: name the version in " +
        "runtime.version, since the form of containerd's configuration follows from it",
    );
  if (source === "distribution" && packageManager !== "apt")
    throw new Error(
      `runtime.source is distribution, but ${osName} (package manager ${packageManager}) has no containerd package ` +
        "that is supported: use runtime.source: docker (its containerd.io, with runtime.version and " +
        "runtime.repository) or release, or Debian 12 or Ubuntu 20.04, or newer ones",
    );
}
