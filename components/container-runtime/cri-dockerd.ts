import { archive, downloaded } from "../../plan/downloads";
import type { Facts } from "../../plan/facts";
import { file, pkg, service, writtenByNodeprep } from "../../plan/kinds";
import { requirementName, type Requirement } from "../../plan/requirement";
import { sourceOf } from "../release";
import { cniBinDir, cniConfDir } from "./cni";
import { criDockerdSocketUnit, criDockerdUnit } from "./cri-dockerd-units";
import type { ContainerRuntimeArgs } from "./types";

/** cri-dockerd gives Docker Engine the interface that kubelets speak. */
export const criDockerdPackage = "cri-dockerd";
export const criDockerdUnits = ["cri-docker.service", "cri-docker.socket"] as const;
const [unit, socketUnit] = criDockerdUnits;

/** Where its socket is by default; its package's socket unit says the same. */
export const criDockerdDefaultSocket = "/run/cri-dockerd.sock";
export const criDockerdSocket = `unix://${criDockerdDefaultSocket}`;

/** The program: a package, or the archive that its project publishes. */
export function criDockerdInstalled(
  { criDockerd }: ContainerRuntimeArgs,
  facts: Facts,
): readonly Requirement[] {
  const { version, release } = criDockerd ?? {};
  if (release === undefined)
    return [pkg(criDockerdPackage, { version, hold: true, quietUnits: criDockerdUnits })];
  const source = sourceOf("runtime.criDockerd.release.sha256", release, facts);
  return downloaded([archive("cri-dockerd", releaseFolder, source, members)]);
}

const releaseFolder = "/usr/local/bin";
const members = { from: "cri-dockerd", members: ["cri-dockerd"] };

/** Its units: with our words in drop-ins, so that a package's own stay as they are; of a release, ours as a whole. */
export function criDockerdRuns(
  args: ContainerRuntimeArgs,
  podCidrs: readonly string[],
): readonly Requirement[] {
  if (args.criDockerd?.release === undefined) {
    const listen = `[Socket]\nListenStream=\nListenStream=${criDockerdDefaultSocket}\nRemoveOnStop=yes\n`;
    return criDockerdServices(
      file(dropIn(socketUnit), `${writtenByNodeprep}${listen}`),
      serviceDropIn(args, podCidrs),
    );
  }
  return criDockerdServices(
    file(ownUnit(socketUnit), criDockerdSocketUnit(criDockerdDefaultSocket)),
    file(ownUnit(unit), criDockerdUnit(command(`${releaseFolder}/cri-dockerd`, args, podCidrs))),
    ["download:cri-dockerd"],
  );
}

/** The drop-in that gives a package's service our words. */
export const serviceDropIn = (
  args: ContainerRuntimeArgs,
  podCidrs: readonly string[],
  name = dropInName,
): Requirement =>
  file(
    dropIn(unit, name),
    `${writtenByNodeprep}[Service]\nExecStart=\nExecStart=${command("/usr/bin/cri-dockerd", args, podCidrs)}\n`,
  );

function criDockerdServices(
  socketFile: Requirement,
  serviceFile: Requirement,
  programs: readonly string[] = [],
): readonly Requirement[] {
  const socketName = requirementName(socketFile);
  return [
    socketFile,
    serviceFile,
    service(socketUnit, { restartAfter: [socketName] }),
    service(unit, { restartAfter: [...programs, requirementName(serviceFile), socketName] }),
  ];
}

const command = (
  program: string,
  { sandboxImage }: ContainerRuntimeArgs,
  podCidrs: readonly string[],
): string =>
  [
    `${program} --container-runtime-endpoint fd:// --network-plugin=cni`,
    `--cni-bin-dir=${cniBinDir} --cni-conf-dir=${cniConfDir}`,
    `--pod-infra-container-image=${sandboxImage}`,
    // without it, it tells of the IPv4 address of a pod alone
    ...(podCidrs.length > 1 ? ["--ipv6-dual-stack"] : []),
  ].join(" ");

const dropInName = "10-nodeprep.conf";
const dropIn = (of: string, name = dropInName): string => `/etc/systemd/system/${of}.d/${name}`;
const ownUnit = (name: string): string => `/etc/systemd/system/${name}`;

/** Only a node that has this runtime from nodeprep has one of them. */
export const criDockerdMarks = [dropIn(unit), ownUnit(unit)];
