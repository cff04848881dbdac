import { stringify, type TomlTable } from "smol-toml";
import { writtenByNodeprep } from "../../plan/kinds";
import { cniBinDir, cniConfDir } from "./cni";
import type { ContainerdVersion } from "./containerd-version";
import type { CgroupDriver } from "./types";

/** Registry mirrors: a folder for each registry, with a `hosts.toml`. */
export const registryConfigPath = "/etc/containerd/certs.d";

/** What the content of containerd's `config.toml` depends on. */
export interface ContainerdConfig {
  readonly version: ContainerdVersion;
  readonly cgroupDriver: CgroupDriver;
  readonly sandboxImage: string;
  /** Where runc is; found on containerd's PATH without it. */
  readonly runcPath?: string;
}

/** containerd's `config.toml`, in the schema of its version: 2 below containerd 2.0, 3 from 2.0 on. */
export function containerdConfig(config: ContainerdConfig): string {
  const table = config.version.major < 2 ? schema2(config) : schema3(config);
  return `${writtenByNodeprep}${stringify(table)}`;
}

/**
 * The `config.toml` of a containerd that serves another runtime alone: its own CRI is off, as a kubelet must not
 * find two. Schema 2, which every containerd from 1.3 on reads; names that a version does not know do no harm.
 */
export const containerdWithoutCri = (): string =>
  `${writtenByNodeprep}${stringify({
    version: 2,
    disabled_plugins: [
      "io.containerd.grpc.v1.cri",
      "io.containerd.cri.v1.images",
      "io.containerd.cri.v1.runtime",
    ],
    plugins: opt,
  })}`;

/** The CRI plugin is on because nothing disables it: some packages ship a file that does. */
const enabled = { disabled_plugins: [] };

/** Otherwise containerd makes /opt/containerd when it starts. */
const opt = { "io.containerd.internal.v1.opt": { path: "/var/lib/containerd/opt" } };

const runc = ({ cgroupDriver, runcPath }: ContainerdConfig): TomlTable => ({
  default_runtime_name: "runc",
  runtimes: {
    runc: {
      runtime_type: "io.containerd.runc.v2",
      options: {
        ...(runcPath === undefined ? {} : { BinaryName: runcPath }),
        SystemdCgroup: cgroupDriver === "systemd",
      },
    },
  },
});

const schema2 = (config: ContainerdConfig): TomlTable => ({
  version: 2,
  ...enabled,
  plugins: {
    "io.containerd.grpc.v1.cri": {
      sandbox_image: config.sandboxImage,
      cni: { bin_dir: cniBinDir, conf_dir: cniConfDir },
      containerd: { snapshotter: "overlayfs", ...runc(config) },
      registry: { config_path: registryConfigPath },
    },
    ...opt,
  },
});

const schema3 = (config: ContainerdConfig): TomlTable => ({
  version: 3,
  ...enabled,
  plugins: {
    "io.containerd.cri.v1.images": {
      snapshotter: "overlayfs",
      pinned_images: { sandbox: config.sandboxImage },
      registry: { config_path: registryConfigPath },
    },
    "io.containerd.cri.v1.runtime": {
      cni: { ...cniBinDirs(config.version), conf_dir: cniConfDir },
      containerd: runc(config),
    },
    ...opt,
  },
});

/** containerd 2.1 has a list of directories, and warns of the single one. */
const cniBinDirs = ({ major, minor }: ContainerdVersion): TomlTable =>
  major === 2 && minor === 0 ? { bin_dir: cniBinDir } : { bin_dirs: [cniBinDir] };
