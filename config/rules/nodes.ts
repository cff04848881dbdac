import { parseAddress } from "../cidr";
import { isBroken, type Context } from "../findings";
import { hostName } from "../known-hosts";
import type { ClusterConfig, Draft } from "../schema";
import type { ConnectionSpec } from "../types";

/** There are nodes. */
export function checkNodes(cluster: Draft<ClusterConfig>, context: Context): void {
  if (isBroken(context, ["nodes"]) || Object.keys(cluster.nodes ?? {}).length > 0) return;
  context.problems.push({
    path: ["nodes"],
    allowed: "is empty, must have at least one node",
    remedy: "add a node; to give all machines back run `pulumi destroy`",
  });
}

/** No two nodes are the same machine. Behind different bastions the same address may be two machines. */
export function checkAddresses(
  connections: Readonly<Record<string, ConnectionSpec | undefined>>,
  { problems }: Context,
): void {
  const taken = new Map<string, string>();
  for (const [name, connection] of Object.entries(connections)) {
    if (connection === undefined) continue;
    const { port, bastion } = connection;
    const at = hostName(canonical(connection.host), port);
    const key = bastion === undefined ? at : `${at} via ${hostName(canonical(bastion.host), bastion.port)}`;
    const other = taken.get(key);
    taken.set(key, other ?? name);
    if (other === undefined) continue;
    problems.push({
      path: ["nodes", name, "host"],
      value: connection.host,
      allowed: `with port ${port} is the address of ${other} too`,
      remedy: "give each node the address of a machine of its own, or remove one",
    });
  }
}

const canonical = (host: string): string =>
  parseAddress(host)?.toString() ?? host.toLowerCase().replace(/\.$/, "");
