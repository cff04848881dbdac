import { file, pkg, service } from "../../plan/kinds";
import { requirementName, type Requirement } from "../../plan/requirement";
import { cniBinDir, cniConfDir } from "./cni";
import type { ContainerRuntimeArgs } from "./types";

/** cri-dockerd gives Docker Engine the interface that kubelets speak. */
export const criDockerdPackage = "cri-dockerd";
export const criDockerdUnits = ["cri-docker.service", "cri-docker.socket"] as const;
const [unit, socketUnit] = criDockerdUnits;

/** Where its socket is by default; its package's socket unit says the same. */
const socket = "/run/cri-dockerd.sock";
export const criDockerdSocket = `unix://${socket}`;

export const criDockerdInstalled = ({ criDockerd }: ContainerRuntimeArgs): Requirement =>
  pkg(criDockerdPackage, {
    ...(criDockerd?.version === undefined ? {} : { version: criDockerd.version }),
    hold: true,
    quietUnits: criDockerdUnits,
  });

/** Its units with our words in drop-ins, so that the package's own stay as they are. */
export function criDockerdRuns({ sandboxImage }: ContainerRuntimeArgs): readonly Requirement[] {
  const socketFile = file(
    dropIn(socketUnit),
    `${note}[Socket]\nListenStream=\nListenStream=${socket}\nRemoveOnStop=yes\n`,
  );
  const words = [
    "/usr/bin/cri-dockerd --container-runtime-endpoint fd:// --network-plugin=cni",
    `--cni-bin-dir=${cniBinDir} --cni-conf-dir=${cniConfDir}`,
    `--pod-infra-container-image=${sandboxImage}`,
  ].join(" ");
  const serviceFile = file(dropIn(unit), `${note}[Service]\nExecStart=\nExecStart=${words}\n`);
  const socketName = requirementName(socketFile);
  return [
    socketFile,
    serviceFile,
    service(socketUnit, { restartAfter: [socketName] }),
    service(unit, { restartAfter: [requirementName(serviceFile), socketName] }),
  ];
}

const note = "# Written by nodeprep; a change made here is drift, and the next update takes it back.\n";

const dropIn = (name: string): string => `/etc/systemd/system/${name}.d/10-nodeprep.conf`;

/** Only a node that has this runtime from nodeprep has it. */
export const criDockerdMark = dropIn(unit);
