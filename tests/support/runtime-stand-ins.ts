import type { Package } from "./packages";
import { criDockerd } from "./stand-ins";

/*
 * Runtimes that cannot be had where the tests run, as packages: the names, units, sockets and paths are the real
 * ones; the programs say what the real ones say where they are asked, and do nothing besides.
 */

/** crio: the driver that its files come to, and the one that it was started with. */
const crio = `#!/bin/sh
# A stand-in for crio.
driver() {
  cat /etc/crio/crio.conf.d/*.conf | sed -n 's/^cgroup_manager = "\\(.*\\)"$/\\1/p' | tail -n 1
}
case $1 in
  --version) printf 'crio version 1.34.2\\n   GitCommit: 0\\n' ;;
  config) printf '[crio.runtime]\\n\\ncgroup_manager = "%s"\\n' "$(driver)" ;;
  status) printf 'cgroup driver: %s\\nstorage driver: overlay\\n' "$(cat /run/crio-started)" ;;
  *)
    driver >/run/crio-started
    # a reload leaves it running
    trap '' HUP
    systemd-notify --ready 2>/dev/null
    exec sleep infinity
    ;;
esac
`;

/** The package of CRI-O's project, as its spec has it. */
export const crioPackage = (version: string): Package => ({
  name: "cri-o",
  version,
  files: {
    "/usr/bin/crio": crio,
    "/usr/lib/systemd/system/crio.service": `[Unit]
Description=Container Runtime Interface for OCI (CRI-O)

[Service]
Type=notify
ExecStart=/usr/bin/crio
ExecReload=/bin/kill -s HUP $MAINPID

[Install]
WantedBy=multi-user.target
Alias=cri-o.service
`,
    "/etc/crio/crio.conf.d/10-crio.conf": '[crio.runtime]\ndefault_runtime = "crun"\n',
    "/etc/crio/policy.json": "{}\n",
    "/etc/containers/registries.conf.d/crio.conf": 'unqualified-search-registries = ["docker.io"]\n',
    "/etc/cni/net.d/10-crio-bridge.conflist.disabled": "{}\n",
  },
});

/** The engine: the driver that its daemon.json has, and the one that it was started with. */
const dockerd = `#!/bin/sh
# A stand-in for dockerd.
[ "$1" != --version ] || { echo 'Docker version 25.0.9, build 0'; exit; }
sed -n 's/.*native\\.cgroupdriver=\\([a-z]*\\).*/\\1/p' /etc/docker/daemon.json >/run/dockerd-started
exec sleep infinity
`;
const docker = `#!/bin/sh
# A stand-in for docker, asked for its driver and version.
echo "$(cat /run/dockerd-started) 25.0.9"
`;
const sleeping = (name: string): string =>
  `#!/bin/sh\n# A stand-in for ${name}.\nsystemd-notify --ready 2>/dev/null\nexec sleep infinity\n`;
const unit = (program: string): string =>
  `[Service]\nExecStart=/usr/bin/${program}\n\n[Install]\nWantedBy=multi-user.target\n`;

/** An engine's packages, with the group that its socket is for. */
const enginePackages = (name: string, version: string): readonly Package[] => [
  {
    name,
    version,
    files: {
      "/usr/bin/dockerd": dockerd,
      "/usr/lib/systemd/system/docker.service": unit("dockerd"),
      "/usr/lib/systemd/system/docker.socket":
        "[Socket]\nListenStream=/run/docker.sock\n\n[Install]\nWantedBy=sockets.target\n",
    },
    postinst: "getent group docker >/dev/null || groupadd -r docker",
  },
  { name: `${name}-cli`, version, files: { "/usr/bin/docker": docker } },
  {
    name: "containerd.io",
    version: "1.7.28-1",
    files: {
      "/usr/bin/containerd": sleeping("containerd"),
      "/usr/lib/systemd/system/containerd.service": unit("containerd"),
    },
  },
];

/** Those of Docker's repository. */
export const dockerPackages = (version: string): readonly Package[] => enginePackages("docker-ce", version);

/** Mirantis Container Runtime's packages; the socket of its cri-dockerd is not where Docker's is. */
export const mirantisPackages = (version: string): readonly Package[] => [
  ...enginePackages("docker-ee", version),
  {
    name: "cri-dockerd",
    version: "0.3.21-1",
    files: {
      "/usr/bin/cri-dockerd": sleeping("cri-dockerd"),
      "/usr/lib/systemd/system/cri-docker.service":
        criDockerd.files["/lib/systemd/system/cri-docker.service"],
      "/usr/lib/systemd/system/cri-docker.socket": criDockerd.files[
        "/lib/systemd/system/cri-docker.socket"
      ].replace("%t/", "%t/mcr/"),
    },
  },
];

/** A package that others need, with nothing in it. */
export const emptyPackage = (name: string): Package => ({ name, version: "99-1", files: {} });
