import { family, freeSubnet, holds, includes, overlaps, parseAddress, type Cidr } from "../cidr";
import { showKey, type Path, type Problem } from "../errors";
import type { Context } from "../findings";
import type { ClusterConfig, Draft } from "../schema";
import { cidrsOf } from "../schema/network";

type Cluster = Draft<ClusterConfig>;

interface Named {
  readonly path: Path;
  readonly cidr: Cidr;
}

/** Pod, service and node networks lie apart, and each node's pod subnet inside the pod network. */
export function checkNetworks(cluster: Cluster, { problems }: Context): void {
  const pods = cidrsOf(cluster.podCidr).map((cidr) => ({ path: ["podCidr"], cidr }));
  const services = cidrsOf(cluster.serviceCidr).map((cidr) => ({ path: ["serviceCidr"], cidr }));
  problems.push(...apart(services, pods), ...servedFamilies(services, pods));
  const subnets = nodeSubnets(cluster);
  for (const [index, subnet] of subnets.entries()) {
    // a node's own two are of two families, which never overlap
    const others = subnets.slice(0, index);
    problems.push(...inside(subnet, pods, subnets), ...disjoint(subnet, others, pods, subnets));
  }
  problems.push(...addressesOutside(cluster, [...pods, ...services]));
}

const nodeSubnets = (cluster: Cluster): readonly Named[] =>
  Object.entries(cluster.nodes ?? {}).flatMap(([name, node]) =>
    cidrsOf(node?.podSubnet).map((cidr) => ({ path: ["nodes", name, "podSubnet"], cidr })),
  );

function apart(services: readonly Named[], pods: readonly Named[]): readonly Problem[] {
  return services.flatMap((service) =>
    pods
      .filter((pod) => overlaps(pod.cidr, service.cidr))
      .map((pod) => ({
        path: service.path,
        value: service.cidr.text,
        allowed: `overlaps podCidr ${pod.cidr.text}`,
        remedy: "use a network apart from it that nothing else in your network uses",
      })),
  );
}

function servedFamilies(services: readonly Named[], pods: readonly Named[]): readonly Problem[] {
  if (pods.length === 0) return [];
  const families = new Set(pods.map((pod) => family(pod.cidr)));
  return services
    .filter((service) => !families.has(family(service.cidr)))
    .map(({ path, cidr }) => ({
      path,
      value: cidr.text,
      allowed: `is ${family(cidr)}, but podCidr has no ${family(cidr)} network, so no pod could serve it`,
      remedy: `add one of ${family(cidr)} to podCidr, or use the family of podCidr`,
    }));
}

function inside(subnet: Named, pods: readonly Named[], taken: readonly Named[]): readonly Problem[] {
  const { path, cidr } = subnet;
  const same = pods.filter((pod) => family(pod.cidr) === family(cidr));
  if (pods.length === 0 || same.some((pod) => includes(pod.cidr, cidr))) return [];
  const outer = same[0] ?? pods[0];
  const allowed = `lies outside podCidr ${(same.length > 0 ? same : pods).map((pod) => pod.cidr.text).join(",")}`;
  return [{ path, value: cidr.text, allowed, remedy: `use a subnet of it${example(outer, taken)}` }];
}

function example(outer: Named | undefined, taken: readonly Named[]): string {
  const free =
    outer &&
    freeSubnet(
      outer.cidr,
      taken.map(({ cidr }) => cidr),
    );
  return free === undefined ? "" : `, e.g. ${free}`;
}

function disjoint(
  subnet: Named,
  others: readonly Named[],
  pods: readonly Named[],
  taken: readonly Named[],
): readonly Problem[] {
  const { path, cidr } = subnet;
  const outer = pods.find((pod) => includes(pod.cidr, cidr));
  return others
    .filter((other) => overlaps(other.cidr, cidr))
    .map((other) => ({
      path,
      value: cidr.text,
      allowed: `overlaps the ${showKey(other.path[1] ?? "")} node's podSubnet ${other.cidr.text}`,
      remedy: `give each node a subnet of its own${example(outer, taken)}`,
    }));
}

function addressesOutside(cluster: Cluster, networks: readonly Named[]): readonly Problem[] {
  return Object.entries(cluster.nodes ?? {}).flatMap(([name, node]) => {
    const address = parseAddress(node?.host ?? "");
    if (address === undefined) return [];
    return networks
      .filter(({ cidr }) => holds(cidr, address))
      .map(({ path, cidr }) => ({
        path: ["nodes", name, "host"],
        value: address.toString(),
        allowed: `lies inside ${path.join(".")} ${cidr.text}, so pods could not reach the machine`,
        remedy: `choose ${path.join(".")} apart from the machines' networks`,
      }));
  });
}
