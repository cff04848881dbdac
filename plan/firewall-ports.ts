import { type Ports, parsePorts } from "./firewall-kinds";

/** Ports that are opened together, and who asks for them, for errors. */
export interface PortGroup {
  readonly why: string;
  readonly ports: readonly Ports[];
}

/**
 * Ports that a node of the role serves:
 * https://kubernetes.io/docs/reference/networking/ports-and-protocols/
 */
export const rolePorts = {
  // API server, etcd (clients and peers), kubelet, controller manager, scheduler
  "control-plane": ["6443/tcp", "2379-2380/tcp", "10250/tcp", "10257/tcp", "10259/tcp"].map(parsePorts),
  // kubelet, node ports of services
  worker: ["10250/tcp", "30000-32767/tcp"].map(parsePorts),
} as const;

/** What nodes say to one another on behalf of a CNI plugin. */
interface CniTraffic {
  readonly ports: readonly Ports[];
  /** IP protocols by number. */
  readonly protocols: readonly number[];
  /**
   * Interfaces behind which pods are, where packets for them arrive as other nodes sent them, a node's own address
   * as their source: firewalld forwards those only to an interface of the zone through which they came. A name that
   * ends with + is that of all that begin so.
   */
  readonly interfaces: readonly string[];
}

const nothing: CniTraffic = { ports: [], protocols: [], interfaces: [] };

/** By plugin, with its defaults; encryption and other options need `extraPorts`. */
export const cniTraffic = {
  // the name that the plugin's own examples use: https://www.cni.dev/plugins/current/main/bridge/
  bridge: { ports: [], protocols: [], interfaces: ["cni0"] },
  // BGP, VXLAN, Typha; IP in IP; pods, to which nodes of one subnet send without an overlay (VXLANCrossSubnet):
  // https://docs.tigera.io/calico/latest/getting-started/kubernetes/requirements#network-requirements
  calico: {
    ports: ["179/tcp", "4789/udp", "5473/tcp"].map(parsePorts),
    protocols: [4],
    interfaces: ["cali+"],
  },
  // VXLAN, health checks, Hubble:
  // https://docs.cilium.io/en/stable/operations/system_requirements/#firewall-rules
  cilium: { ports: ["8472/udp", "4240/tcp", "4244/tcp"].map(parsePorts), protocols: [], interfaces: [] },
  // VXLAN: https://github.com/flannel-io/flannel/blob/master/Documentation/backends.md#vxlan
  flannel: { ports: ["8472/udp"].map(parsePorts), protocols: [], interfaces: [] },
  none: nothing,
  other: nothing,
} as const satisfies Readonly<Record<string, CniTraffic>>;

/** CNI plugins whose traffic is known; `none` and `other` open nothing. */
export type FirewallCni = keyof typeof cniTraffic;

/** Whether two ranges of one protocol share a port. */
export const share = (a: Ports, b: Ports): boolean =>
  a.protocol === b.protocol && a.first <= b.last && b.first <= a.last;

/** The same ports with no two ranges that overlap, since firewalld joins those; in the order of the first of each. */
export function merged(ports: readonly Ports[]): readonly Ports[] {
  const result: Ports[] = [];
  for (const next of ports) {
    const joined = result.filter((other) => share(other, next));
    const whole = joined.reduce(
      (a, b) => ({ ...a, first: Math.min(a.first, b.first), last: Math.max(a.last, b.last) }),
      next,
    );
    const at = joined[0] === undefined ? result.length : result.indexOf(joined[0]);
    result.splice(at, joined[0] === undefined ? 0 : 1, whole);
    for (const other of joined.slice(1)) result.splice(result.indexOf(other), 1);
  }
  return result;
}
