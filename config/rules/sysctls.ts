import { sysctlText } from "../../plan/kernel";
import { formatPath, show, type Path } from "../errors";
import type { Context } from "../findings";
import type { ClusterConfig, Draft } from "../schema";
import { cidrsOf } from "../schema/network";

type Cluster = Draft<ClusterConfig>;

/** Other names of the same value in the kernel. */
const aliases: Readonly<Record<string, string>> = { "net.ipv4.conf.all.forwarding": "net.ipv4.ip_forward" };

/** Sysctls of the configuration against those that the stages state themselves. */
export function checkSysctls(cluster: Cluster, { problems, warnings, sources }: Context): void {
  const required = requiredBy(cluster, sources);
  for (const [name, value] of Object.entries(cluster.kernel?.sysctls ?? {})) {
    if (value === undefined) continue;
    const path = ["kernel", "sysctls", name];
    const need = required.get(name) ?? required.get(aliasOf(name));
    if (need !== undefined && sysctlText(value) !== need.value)
      problems.push({
        path,
        value: show(value),
        allowed: `contradicts what ${need.whose} needs, ${required.has(name) ? "" : `${aliasOf(name)} `}${need.value}`,
        remedy: "remove it",
      });
    warnings.push(...tooLow(path, name, sysctlText(value), sources));
  }
}

interface Need {
  readonly value: string;
  readonly whose: string;
}

function requiredBy(
  { podCidr, kubeProxy }: Cluster,
  { requiredSysctls, kubeProxySysctls }: Context["sources"],
): ReadonlyMap<string, Need> {
  const podCidrs = cidrsOf(podCidr).map((cidr) => cidr.text);
  const { mode, extra = {} } = kubeProxy ?? {};
  const proxys = mode === undefined ? {} : (kubeProxySysctls?.({ mode, extra }, podCidrs) ?? {});
  const named = (all: Readonly<Record<string, string>>, whose: string) =>
    Object.entries(all).map(([name, value]) => [name, { value, whose }] as const);
  return new Map([
    ...named(proxys, `kube-proxy in mode ${mode ?? ""}`),
    ...named(requiredSysctls?.(podCidrs) ?? {}, "Kubernetes"),
  ]);
}

const aliasOf = (name: string): string => (Object.hasOwn(aliases, name) ? (aliases[name] ?? name) : name);

function tooLow(
  path: Path,
  name: string,
  value: string,
  { minimumSysctls = {} }: Context["sources"],
): readonly string[] {
  const minimum = Object.hasOwn(minimumSysctls, name) ? minimumSysctls[name] : undefined;
  if (minimum === undefined || !(Number(value) < Number(minimum))) return [];
  return [
    `${formatPath(path)} is ${value}, below ${minimum}, which nodes have without it: with less they run out under ordinary load. Remove it, or raise it.`,
  ];
}
