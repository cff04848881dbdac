import { isLoopback, parseAddress } from "../config/cidr";
import { block } from "../plan/block";
import { sysctlsNowAndAtBoot } from "../plan/kernel";
import { file } from "../plan/kinds";
import type { StageDefinition } from "../plan/stage";
import { StageComponent } from "./stage-component";

/** Arguments of the host-names stage. */
export interface HostNamesArgs {
  /** All nodes of the cluster: where they are reached, by their names. */
  readonly hosts: Readonly<Record<string, string>>;
  /** Full names of those that have one, by their names: `{ "db-1": "db-1.example.org" }`. Default none. */
  readonly fqdns?: Readonly<Record<string, string>>;
}

/** The stage as a pure function. The kernel's setting says at once what the file says at boot. */
export const hostNames: StageDefinition<HostNamesArgs> = {
  name: "host-names",
  requirements: (args, _facts, { name }) => [
    file("/etc/hostname", `${name}\n`),
    ...sysctlsNowAndAtBoot("90-nodeprep-hostname.conf", { "kernel.hostname": name }),
    block("/etc/hosts", hostLines(args, name)),
  ],
};

/** A node that is reached by a name is found by that; its own name a node must find in any case. */
function hostLines({ hosts, fqdns = {} }: HostNamesArgs, own: string): readonly string[] {
  // the full name first: it is the canonical one, hosts(5)
  const namesOf = (name: string): string =>
    [...new Set([...(Object.hasOwn(fqdns, name) ? [fqdns[name]] : []), name])].join(" ");
  const reached = Object.entries(hosts).filter(([, host]) => isReachedByOthers(host));
  const all = reached.map(([name, host]) => `${host} ${namesOf(name)}`);
  return reached.some(([name]) => name === own) ? all : [`127.0.1.1 ${namesOf(own)}`, ...all];
}

const isReachedByOthers = (host: string): boolean => {
  const address = parseAddress(host);
  return address !== undefined && !isLoopback(address);
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
