import { stringify } from "yaml";
import { minorOf } from "../../config/kubernetes-versions";
import type { CgroupDriver, KubeletSpec } from "../../config/types";
import { writtenByNodeprep } from "../../plan/kinds";

/** What the kubelet's configuration depends on besides its own settings. */
export interface KubeletConfigContext {
  readonly cgroupDriver: CgroupDriver;
  readonly criSocket: string;
  /** Where pods get their name servers from. */
  readonly resolvConf: string;
  /** The node's parts of the pod network. */
  readonly podSubnets: readonly string[];
  readonly kubernetesVersion: string;
}

/** The minor version of Kubernetes from which on the runtime's socket is a setting; before, it is an argument alone. */
export const endpointIsSettingFrom = 27;

/** kubelet-config.yaml. Keys stand in one order, so that nothing shows as drift that is not. */
export function kubeletConfig({ config, extra }: KubeletSpec, context: KubeletConfigContext): string {
  const { address, authentication, authorization, memorySwap, resolvConf, ...settings } = config;
  const minor = minorOf(context.kubernetesVersion);
  const known = {
    address,
    authentication,
    authorization,
    ...settings,
    cgroupDriver: context.cgroupDriver,
    ...(minor < endpointIsSettingFrom ? {} : { containerRuntimeEndpoint: context.criSocket }),
    // Before 1.30 the feature NodeSwap is off, or knows no NoSwap, and the kubelet ends at this setting.
    ...(minor < 30 && memorySwap.swapBehavior === "NoSwap" ? {} : { memorySwap }),
    ...(context.podSubnets.length === 0 ? {} : { podCIDR: context.podSubnets.join(",") }),
    resolvConf: resolvConf ?? context.resolvConf,
  };
  return componentConfig("KubeletConfiguration", "kubelet.config.k8s.io/v1beta1", known, extra);
}

/** A component's configuration as YAML: its kind, then everything else by name. */
export function componentConfig(
  kind: string,
  apiVersion: string,
  known: Readonly<Record<string, unknown>>,
  extra: Readonly<Record<string, unknown>>,
): string {
  const body = stringify(sorted({ ...known, ...extra }), { lineWidth: 0 });
  return `${writtenByNodeprep}kind: ${kind}\napiVersion: ${apiVersion}\n${body}`;
}

/** The same value with the keys of all its mappings sorted: their order in the configuration means nothing. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([name, inner]) => [name, sorted(inner)]));
}
