import type { Facts } from "../../plan/facts";
import { directory, file, pkg, service } from "../../plan/kinds";
import { requirementName, type Requirement } from "../../plan/requirement";
import { cgroupDriverInUse } from "./cgroup-driver";
import { cniBinDir, cniConfDir, containerdConfig, registryConfigPath } from "./containerd-config";
import { checkContainerdVersion, containerdVersion } from "./containerd-version";
import type { ContainerRuntimeArgs, Runtime } from "./types";

const unit = "containerd.service";
/** The distribution's package: of that name on Debian and Ubuntu. */
const packageName = "containerd";

/**
 * containerd from the distribution. The package comes first, with its unit kept from starting: the daemon starts
 * once, with the configuration that it is to have. On undo the package goes last, when its files are gone.
 */
export const containerd: Runtime = {
  criSocket: "unix:///run/containerd/containerd.sock",
  cniBinDir,
  cniConfDir,
  units: [unit],
  restart: "leaves running containers alone",
  asks: () => ({ packages: [packageName] }),
  requirements: (args, facts) => {
    checkPackageManager(facts);
    const installed = pkg(packageName, {
      ...(args.version === undefined ? {} : { version: args.version }),
      hold: true,
      quietUnits: [unit],
    });
    const config = configFile(args, facts);
    return [
      installed,
      ...directories.map((path) => directory(path)),
      config,
      service(unit, { restartAfter: [requirementName(config)] }),
      cgroupDriverInUse("containerd", args.cgroupDriver),
    ];
  },
};

/** Those that containerd makes by itself when it starts, too: on record, they go again. */
const directories = ["/etc/containerd", registryConfigPath, "/etc/cni", cniConfDir];

function configFile(args: ContainerRuntimeArgs, facts: Facts): Requirement {
  const version = containerdVersion(facts, packageName, args.version);
  checkContainerdVersion(version, facts);
  const { cgroupDriver, sandboxImage } = args;
  return file("/etc/containerd/config.toml", containerdConfig({ version, cgroupDriver, sandboxImage }));
}

function checkPackageManager({ packageManager, osId, osVersion }: Facts): void {
  if (packageManager !== "apt")
    throw new Error(
      `runtime.source is distribution, but ${osId} ${osVersion} (package manager ${packageManager}) has no ` +
        "containerd package that is supported: use Debian 12 or Ubuntu 20.04, or newer ones",
    );
}
