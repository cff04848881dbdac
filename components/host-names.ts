import { parseAddress } from "../config/cidr";
import { block } from "../plan/block";
import { file, sysctl } from "../plan/kinds";
import type { StageDefinition } from "../plan/stage";
import { StageComponent } from "./stage-component";

/** Arguments of the host-names stage. */
export interface HostNamesArgs {
  /** All nodes of the cluster: where they are reached, by their names. */
  readonly hosts: Readonly<Record<string, string>>;
}

/** The stage as a pure function. The kernel's setting says at once what the file says at boot. */
export const hostNames: StageDefinition<HostNamesArgs> = {
  name: "host-names",
  requirements: ({ hosts }, _facts, { name }) => [
    file("/etc/hostname", `${name}\n`),
    file("/etc/sysctl.d/90-nodeprep-hostname.conf", `kernel.hostname = ${name}\n`),
    sysctl("kernel.hostname", name),
    block("/etc/hosts", hostLines(hosts, name)),
  ],
};

/** A node that is reached by a name is found by that; its own name a node must find in any case. */
function hostLines(hosts: Readonly<Record<string, string>>, own: string): readonly string[] {
  const lines = Object.entries(hosts).flatMap(([name, host]) =>
    isReachedByOthers(host) ? [[name, `${host} ${name}`] as const] : [],
  );
  const all = lines.map(([, line]) => line);
  return lines.some(([name]) => name === own) ? all : [`127.0.1.1 ${own}`, ...all];
}

const isReachedByOthers = (host: string): boolean => {
  const address = parseAddress(host);
  return address !== undefined && (address.range() as string) !== "loopback";
};

/**
 * The machine's host name is the node's name, and /etc/hosts has all nodes.
 *
 * @example
 * const stages = [Toolkit.stage({}), HostNames.stage({ hosts: { "db-1": "192.0.2.10", "db-2": "192.0.2.11" } })];
 * const node = await surveyNode({ ...machine, stages });
 * const toolkit = new Toolkit("db-1", { node });
 * new HostNames("db-1", { node }, { dependsOn: toolkit });
 */
export class HostNames extends StageComponent(hostNames, "HostNames") {}
