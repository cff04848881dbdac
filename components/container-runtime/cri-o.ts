import { file, leftovers, pkg, service } from "../../plan/kinds";
import type { PackageSource } from "../../plan/repository";
import { requirementName } from "../../plan/requirement";
import { cgroupDriverInUse } from "./cgroup-driver";
import { cniBinDir, cniConfDir } from "./cni";
import { authFile, authFileNamed, authSecrets, mirrors, toml } from "./cri-o-registries";
import type { CgroupDriver, Runtime } from "./types";

const unit = "crio.service";
const dropIns = "/etc/crio/crio.conf.d";
const driverFile = `${dropIns}/02-cgroup-manager.conf`;

/**
 * CRI-O from its project's package repositories, each of which has one minor version. Our words are in drop-ins: the
 * package's own configuration, which names its OCI runtimes, stays as it is.
 */
export const crio: Runtime = {
  criSocket: () => "unix:///var/run/crio/crio.sock",
  cniBinDir,
  cniConfDir,
  units: [unit],
  restart: "leaves running containers alone",
  marks: [driverFile],
  asks: () => ({}),
  secrets: ({ registryMirrors = {} }) => authSecrets(registryMirrors),
  program: "cri-o",
  programs: () => ({ "cri-o": "cri-o" }),
  repository: (args, { packageManager }, { kubernetesVersion }) =>
    projectRepository(minorLine(args.version ?? kubernetesVersion), packageManager),
  requirements: (args, facts) => {
    const { version, sandboxImage, registryMirrors = {} } = args;
    const restarts = [
      file(driverFile, cgroupManager(args.cgroupDriver)),
      file(`${dropIns}/20-network.conf`, network),
      ...authFileNamed(registryMirrors, `${dropIns}/20-auth.conf`),
    ];
    const reloads = [
      file(`${dropIns}/20-pause-image.conf`, toml({ crio: { image: { pause_image: sandboxImage } } })),
      ...mirrors(registryMirrors),
    ];
    return [
      // its packages for dnf need the policy of containers, and do not say so
      ...(facts.packageManager === "dnf" ? [pkg("container-selinux", { early: true })] : []),
      pkg("cri-o", { version, hold: true, quietUnits: [unit] }),
      ...restarts,
      ...reloads,
      ...authFile(registryMirrors, facts),
      service(unit, {
        restartAfter: restarts.map(requirementName),
        reloadAfter: reloads.map(requirementName),
      }),
      // after the service, so that undo finds it running: only with it can containers be ended
      leftovers("crio", { first: true }),
      cgroupDriverInUse("crio", args.cgroupDriver),
    ];
  },
};

/**
 * The project's repositories, one for each minor version: https://github.com/cri-o/packaging. They were at
 * pkgs.k8s.io/addons:/cri-o before.
 */
function projectRepository(line: string, packageManager: string): PackageSource {
  const base = `https://download.opensuse.org/repositories/isv:/cri-o:/stable:/v${line}`;
  return packageManager === "dnf" ? { url: `${base}/rpm/` } : { url: `${base}/deb/`, suite: "/" };
}

/** `1.34` of `1.34.2-1.1`. */
const minorLine = (version: string): string => /^(?:\d+:)?(\d+\.\d+)/.exec(version)?.[1] ?? version;

/** With cgroupfs, conmon cannot be in a slice of systemd: it goes with its pod. */
const cgroupManager = (driver: CgroupDriver): string =>
  toml({
    crio: {
      runtime: { ...(driver === "cgroupfs" ? { conmon_cgroup: "pod" } : {}), cgroup_manager: driver },
    },
  });

const network = toml({ crio: { network: { network_dir: cniConfDir, plugin_dirs: [cniBinDir] } } });
