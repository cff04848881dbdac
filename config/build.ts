import { parseCidr } from "./cidr";
import { pauseImage } from "./pause-images";
import type { ClusterConfig } from "./schema";
import { cidrsOf } from "./schema/network";
import { sysctlText } from "./schema/system";
import type {
  AdminSpec,
  ClusterSpec,
  ConnectionSpec,
  FirewallSpec,
  KernelSpec,
  NodeSpec,
  RuntimeSource,
  RuntimeSpec,
  RuntimeType,
} from "./types";

/** The specification of a cluster from a valid configuration and its nodes' connections: canonical forms only. */
export function buildCluster(
  config: ClusterConfig,
  connections: Readonly<Record<string, ConnectionSpec>>,
): ClusterSpec {
  const { name, kubernetesVersion, swap, selinux, cni } = config;
  return {
    ...{ name, kubernetesVersion, swap, selinux, cni },
    podCidrs: canonical(config.podCidr),
    serviceCidrs: canonical(config.serviceCidr),
    maxConnections: config.ssh.maxConnections,
    ...(config.admin === undefined ? {} : { admin: buildAdmin(config.admin) }),
    kernel: buildKernel(config.kernel),
    firewall: buildFirewall(config.firewall),
    runtime: buildRuntime(config),
    nodes: Object.entries(connections).map(([node, connection]) => buildNode(config, node, connection)),
  };
}

const canonical = (value: string | readonly string[] | undefined): readonly string[] =>
  cidrsOf(value).map((cidr) => cidr.text);

const unique = (values: readonly string[]): readonly string[] => [...new Set(values)];

const sourceList = (values: readonly string[]): readonly string[] =>
  unique(values.map((value) => parseCidr(value)?.text ?? value));

const buildAdmin = (admin: NonNullable<ClusterConfig["admin"]>): AdminSpec => ({
  ...admin,
  authorizedKeys: unique(admin.authorizedKeys.map((line) => line.trim())),
});

const buildKernel = (kernel: ClusterConfig["kernel"]): KernelSpec => ({
  ...kernel,
  modules: unique(kernel.modules),
  sysctls: Object.fromEntries(
    Object.entries(kernel.sysctls).map(([name, value]) => [name, sysctlText(value)]),
  ),
});

const buildFirewall = (firewall: ClusterConfig["firewall"]): FirewallSpec => ({
  ...firewall,
  extraPorts: unique(firewall.extraPorts),
  sshSources: sourceList(firewall.sshSources),
  controlPlaneSources: sourceList(firewall.controlPlaneSources),
});

const buildRuntime = ({ runtime, kubernetesVersion }: ClusterConfig): RuntimeSpec => ({
  // the schema and the rules let no others through
  type: runtime.type as RuntimeType,
  source: runtime.source as RuntimeSource,
  ...(runtime.version === undefined ? {} : { version: runtime.version }),
  cgroupDriver: runtime.cgroupDriver,
  sandboxImage: runtime.sandboxImage ?? pauseImage(kubernetesVersion),
});

function buildNode(config: ClusterConfig, name: string, connection: ConnectionSpec): NodeSpec {
  const node = config.nodes[name];
  if (node === undefined) throw new Error(`node ${name} has a connection but no configuration`);
  return {
    ...{ name, connection },
    role: node.role,
    podSubnets: canonical(node.podSubnet),
    retire: node.retire,
    adopt: node.adopt ?? config.adopt,
    allowCgroupDriverChange: node.allowCgroupDriverChange,
  };
}
