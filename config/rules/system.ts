import { parsePorts, portsText } from "../../plan/firewall-kinds";
import { rolePorts, share } from "../../plan/firewall-ports";
import { holds, parseAddress, parseCidr, type Address } from "../cidr";
import { formatPath, show } from "../errors";
import type { Context } from "../findings";
import { minorOf, newestMinor } from "../kubernetes-versions";
import type { ClusterConfig, Draft } from "../schema";
import { checkSysctls } from "./sysctls";

type Cluster = Draft<ClusterConfig>;

/** Combinations of settings that cannot work, and those that call for a warning. */
export function checkSystem(cluster: Cluster, context: Context): void {
  checkAdmin(cluster, context);
  checkSysctls(cluster, context);
  checkVersion(cluster, context);
  checkFirewall(cluster, context);
  checkLimitedPorts(cluster, context);
  checkAgent(cluster, context);
}

// Pulumi's command provider asks it whatever the login, and fails at every stage where nobody answers
function checkAgent(cluster: Cluster, { warnings, sources }: Context): void {
  // where it is to be used, that is a mistake of its own
  if (sources.agentFault === undefined || usesAgent(cluster)) return;
  warnings.push(
    `SSH_AUTH_SOCK is ${show(sources.agentSocket)}, which ${sources.agentFault}: an update would fail on every node, since Pulumi's command provider connects to it even where it is not used. Unset it, or start an agent.`,
  );
}

const usesAgent = ({ ssh, nodes }: Cluster): boolean =>
  [ssh, ...Object.values(nodes ?? {}).map((node) => node?.ssh)].some(
    (one) => one?.agent === true || (one?.bastion !== "none" && one?.bastion?.agent === true),
  );

// undo would lock or delete the account that it came in with
function checkAdmin(cluster: Cluster, { problems }: Context): void {
  const name = cluster.admin?.name;
  if (name === undefined) return;
  const fallback = cluster.ssh?.user;
  const users = Object.values(cluster.nodes ?? {}).map((node) => node?.user ?? node?.ssh?.user ?? fallback);
  if (!users.includes(name)) return;
  problems.push({
    path: ["admin", "name"],
    value: name,
    allowed: "is the SSH user too, must be another account than the one that nodeprep logs in with",
    remedy: "choose another name, or leave admin out",
  });
}

function checkVersion({ kubernetesVersion: version }: Cluster, { warnings }: Context): void {
  if (version === undefined || minorOf(version) <= newestMinor) return;
  warnings.push(
    `${formatPath(["kubernetesVersion"])}: ${version} is newer than this version of nodeprep knows (1.${newestMinor}); the defaults of 1.${newestMinor} are used.`,
  );
}

// a port is open to everybody or to some
function checkLimitedPorts({ firewall, nodes }: Cluster, { problems }: Context): void {
  if (firewall?.backend === "none" || (firewall?.controlPlaneSources?.length ?? 0) === 0) return;
  if (!Object.values(nodes ?? {}).some((node) => node?.role === "control-plane")) return;
  for (const [index, text] of (firewall?.extraPorts ?? []).entries()) {
    const clash = rolePorts["control-plane"].find((port) => share(port, parsePorts(text)));
    if (clash === undefined) continue;
    problems.push({
      path: ["firewall", "extraPorts", index],
      value: text,
      allowed: `would be open to everybody, and firewall.controlPlaneSources limits ${portsText(clash)}`,
      remedy: "remove it, or leave controlPlaneSources out",
    });
  }
}

function checkFirewall(cluster: Cluster, { warnings }: Context): void {
  const { firewall } = cluster;
  if (firewall?.backend === "none" && (firewall.extraPorts?.length ?? 0) > 0)
    warnings.push(
      `${formatPath(["firewall", "extraPorts"])}: no port is opened, since firewall.backend is none.`,
    );
  const sources = (firewall?.sshSources ?? []).flatMap((text) => parseCidr(text) ?? []);
  if (sources.length === 0) return;
  for (const [address, jump] of bastions(cluster))
    if (!sources.some((cidr) => holds(cidr, jump)))
      warnings.push(
        `${formatPath(["firewall", "sshSources"])}: the bastion ${address} is in none of them. Unless it reaches the nodes from another address, the new rules will not be confirmed.`,
      );
}

/** The addresses of the cluster's bastion and of nodes' own. */
function bastions({ ssh, nodes }: Cluster): ReadonlyMap<string, Address> {
  const all = [ssh?.bastion, ...Object.values(nodes ?? {}).map((node) => node?.ssh?.bastion)];
  const hosts = all.map((one) => (one === undefined || one === "none" ? "" : (one.host ?? "")));
  const addresses = hosts.flatMap((host) => parseAddress(host) ?? []);
  return new Map(addresses.map((address) => [address.toString(), address]));
}
