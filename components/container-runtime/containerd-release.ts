import type { RuntimeReleaseSpec } from "../../config/types";
import { archive, binary, downloaded } from "../../plan/downloads";
import type { Facts } from "../../plan/facts";
import { file } from "../../plan/files";
import type { Requirement } from "../../plan/requirement";
import { sourceOf } from "../release";

/** Where runc goes, and where containerd is told that it is: another runc on the node is left alone. */
export const runcPath = "/usr/local/bin/runc";

/** What of containerd's archive a node needs. */
const members = ["containerd", "containerd-shim-runc-v2", "ctr"];

/**
 * containerd and runc from their projects' releases, and the unit that runs them.
 *
 * @throws Error for a node whose architecture has no release or no sum in config
 */
export function releaseRequirements(release: RuntimeReleaseSpec, facts: Facts): readonly Requirement[] {
  const { directory, runc } = release;
  return [
    ...downloaded([
      archive("containerd", directory, sourceOf("runtime.release.sha256", release, facts), {
        from: "bin",
        members,
      }),
      binary(runcPath, sourceOf("runtime.release.runc.sha256", runc, facts)),
    ]),
    file("/etc/systemd/system/containerd.service", unitText(directory)),
  ];
}

/** The unit of Kubernetes the hard way, whose modprobe does not fail where overlay is part of the kernel. */
const unitText = (directory: string): string => `# Written by nodeprep.
[Unit]
Description=containerd container runtime
Documentation=https://containerd.io
After=network.target dbus.service

[Service]
ExecStartPre=-/sbin/modprobe overlay
ExecStart=${directory}/containerd
Type=notify
Restart=always
RestartSec=5
Delegate=yes
KillMode=process
OOMScoreAdjust=-999
LimitNOFILE=1048576
LimitNPROC=infinity
LimitCORE=infinity
TasksMax=infinity

[Install]
WantedBy=multi-user.target
`;
