import { nodeAddress } from "../connection";
import { showKey } from "../errors";
import { isBroken, type Context } from "../findings";
import type { ClusterConfig, Draft } from "../schema";

/** There are nodes, and no two of them are the same machine. */
export function checkNodes(cluster: Draft<ClusterConfig>, context: Context): void {
  const nodes = Object.entries(cluster.nodes ?? {});
  if (nodes.length === 0 && !isBroken(context, ["nodes"]) && !isBroken(context, ["machines"]))
    context.problems.push({
      path: ["nodes"],
      allowed: "is empty, must have at least one node",
      remedy: "add a node; to give all machines back run `pulumi destroy`",
    });
  if (cluster.hostNames === "managed") checkFullNames(nodes, context);
  const taken = new Map<string, string>();
  for (const [name, node] of nodes) {
    const address = nodeAddress(cluster.ssh ?? {}, node ?? {});
    if (address === undefined) continue;
    const other = taken.get(address);
    if (other === undefined) taken.set(address, name);
    else context.problems.push(sameMachine(name, other, address));
  }
}

type Nodes = readonly (readonly [string, Draft<ClusterConfig["nodes"][string]> | undefined])[];

const sameMachine = (name: string, other: string, address: string) => ({
  path: ["nodes", name, "host"],
  value: address,
  allowed: `is the address of ${showKey(other)} too`,
  remedy: "give each node the address (host and port) of a machine of its own, or remove one",
});

/** Names in one /etc/hosts: the first line that has one of them counts, the others are for nothing. */
function checkFullNames(nodes: Nodes, { problems }: Context): void {
  const taken = new Map(nodes.map(([name]) => [name, name]));
  for (const [name, node] of nodes) {
    const full = node?.fqdn;
    if (full === undefined) continue;
    const other = taken.get(full.toLowerCase());
    if (other === undefined) taken.set(full.toLowerCase(), name);
    else if (other !== name)
      problems.push({
        path: ["nodes", name, "fqdn"],
        value: full,
        allowed: `is a name of ${showKey(other)} too`,
        remedy: "give each node a full name of its own",
      });
  }
}
