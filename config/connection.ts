import { resolveAuthentication, ways, type ResolvedAuthentication } from "./authentication";
import { resolveBastion, type ResolvedBastion } from "./bastion";
import { parseAddress } from "./cidr";
import type { Path } from "./errors";
import { isBroken, type Context } from "./findings";
import { resolveHostKey } from "./host-key";
import { knownHostsName } from "./known-hosts";
import type { Draft, NodeConfig, SshConfig } from "./schema";
import type { Authentication, ConnectionSpec } from "./types";

type Ssh = Draft<SshConfig>;
type Node = Draft<NodeConfig>;

/** The cluster's part of all connections, resolved once so that its mistakes are reported once. */
export interface ClusterConnection {
  readonly ssh: Ssh;
  readonly auth: ResolvedAuthentication;
  readonly bastion: ResolvedBastion | undefined;
}

/** Resolves the cluster's `ssh`. */
export function clusterConnection(ssh: Ssh, context: Context): ClusterConnection {
  const auth = resolveAuthentication(ssh, ["ssh"], context);
  const bastion =
    ssh.bastion && resolveBastion(ssh.bastion, ["ssh", "bastion"], knownHostsFile(ssh), context);
  return { ssh, auth, bastion };
}

const knownHostsFile = (ssh: Pick<Ssh, "knownHostsFile">): string =>
  ssh.knownHostsFile ?? "~/.ssh/known_hosts";

/**
 * The effective connection of a node; undefined when its parts are not all valid, which the context then says.
 * The node's own keys win over its `ssh`, and that over the cluster's `ssh`.
 */
export function nodeConnection(
  cluster: ClusterConnection,
  name: string,
  node: Node,
  context: Context,
): ConnectionSpec | undefined {
  const path = ["nodes", name];
  givenTwice(path, node, context);
  const ssh = effectiveSsh(cluster.ssh, node);
  const auth = nodeAuthentication(cluster, node, path, context);
  if (node.host === undefined) return undefined;
  const [host, port, user] = [node.host, ssh.port ?? 22, ssh.user ?? "root"];
  const trust = {
    host,
    port,
    hostKey: node.hostKey,
    knownHostsFile: knownHostsFile(ssh),
    insecureIgnoreHostKey: ssh.insecureIgnoreHostKey ?? false,
  };
  const hostKey = resolveHostKey(trust, path, context);
  if (auth === undefined) return undefined;
  const bastion = nodeBastion(cluster, node, path, ssh, context)?.endpoint({ user, auth });
  return {
    ...{ host, port, user, auth, dialTimeout: ssh.dialTimeout ?? 15 },
    ...(hostKey === undefined ? {} : { hostKey }),
    ...(bastion === undefined ? {} : { bastion }),
  };
}

/** The cluster's `ssh` under the node's, without authentication and bastion, which are replaced as a whole. */
function effectiveSsh(cluster: Ssh, { ssh: own, user, port }: Node) {
  return {
    user: user ?? own?.user ?? cluster.user,
    port: port ?? own?.port ?? cluster.port,
    knownHostsFile: own?.knownHostsFile ?? cluster.knownHostsFile,
    insecureIgnoreHostKey: own?.insecureIgnoreHostKey ?? cluster.insecureIgnoreHostKey,
    dialTimeout: own?.dialTimeout ?? cluster.dialTimeout,
  };
}

/** Where a node is dialled, whether or not the rest of its connection is valid; undefined without a host. */
export function nodeAddress(cluster: Ssh, node: Node): string | undefined {
  if (node.host === undefined) return undefined;
  const at = address(node.host, effectiveSsh(cluster, node).port ?? 22);
  const bastion = node.ssh?.bastion ?? cluster.bastion;
  // behind different bastions the same address may be two machines
  return bastion === undefined || bastion === "none" || bastion.host === undefined
    ? at
    : `${at} via ${address(bastion.host, bastion.port ?? 22)}`;
}

const address = (host: string, port: number): string =>
  knownHostsName(parseAddress(host)?.toString() ?? host.replace(/\.$/, ""), port);

function givenTwice(path: Path, node: Node, context: Context): void {
  for (const key of ["user", "port"] as const) {
    const [own, inner] = [node[key], node.ssh?.[key]];
    if (own === undefined || inner === undefined || own === inner) continue;
    const allowed = `contradicts the node's own ${key}, ${own}`;
    context.problems.push({
      path: [...path, "ssh", key],
      value: String(inner),
      allowed,
      remedy: "remove one of the two",
    });
  }
}

function nodeAuthentication(
  cluster: ClusterConnection,
  node: Node,
  path: Path,
  context: Context,
): Authentication | undefined {
  const own = resolveAuthentication(node.ssh ?? {}, [...path, "ssh"], context);
  if (own.given) return own.auth;
  // said once for all nodes; a way that is there but wrong was named already
  if (!cluster.auth.given && !isBroken(context, ["ssh"]) && !isBroken(context, [...path, "ssh"]))
    context.problems.push({
      path: ["ssh"],
      allowed: `names no way to authenticate, must have one of ${ways.join(", ")}`,
      remedy: "for example `agent: true`",
    });
  return cluster.auth.auth;
}

function nodeBastion(
  cluster: ClusterConnection,
  node: Node,
  path: Path,
  ssh: ReturnType<typeof effectiveSsh>,
  context: Context,
): ResolvedBastion | undefined {
  const own = node.ssh?.bastion;
  if (own === "none") return undefined;
  if (own === undefined) return cluster.bastion;
  return resolveBastion(own, [...path, "ssh", "bastion"], knownHostsFile(ssh), context);
}
