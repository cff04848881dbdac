import { sysctlText } from "../plan/kernel";
import { parseCidr } from "./cidr";
import { cniPlugins } from "./cni-plugins";
import { pauseImage } from "./pause-images";
import { located } from "./releases";
import type { ProgramFiles } from "./rules/program-files";
import type { NodeCredentials } from "./rules/credentials";
import type { ClusterConfig } from "./schema";
import { cidrsOf } from "./schema/network";
import { usualSource } from "./schema/runtime-types";
import { Secret } from "./secret";
import type {
  AdminSpec,
  ClusterSpec,
  ConnectionSpec,
  CriDockerdSpec,
  FirewallSpec,
  KernelSpec,
  KubeadmSpec,
  KubeletApiAccessSpec,
  KubeletSpec,
  KubeProxySpec,
  KubernetesSpec,
  NodeSpec,
  RegistryMirror,
  RepositorySpec,
  RuntimeSource,
  RuntimeSpec,
  RuntimeType,
} from "./types";
import { usualUrls } from "./usual-urls";

/** What was found of certificates and kubeconfigs: by node, and for the cluster itself. */
export interface Credentials {
  readonly nodes: Readonly<Record<string, NodeCredentials>>;
  readonly api: KubeletApiAccessSpec | undefined;
}

/** What was found of the operator's files: keys of package repositories, as text, and programs; and where `~` is. */
export interface FoundFiles {
  readonly keys: { readonly runtime: string | undefined; readonly kubernetes: string | undefined };
  readonly programFiles: ProgramFiles | undefined;
  readonly home: string;
}

/** The specification of a cluster from a valid configuration and its nodes' connections: canonical forms only. */
export function buildCluster(
  config: ClusterConfig,
  connections: Readonly<Record<string, ConnectionSpec>>,
  credentials: Credentials,
  { keys, programFiles, home }: FoundFiles,
): ClusterSpec {
  const { name, kubernetesVersion, hostNames, swap, selinux } = config;
  return {
    ...{ name, kubernetesVersion, hostNames, swap, selinux },
    podCidrs: canonical(config.podCidr),
    serviceCidrs: canonical(config.serviceCidr),
    maxConnections: config.ssh.maxConnections,
    ...(config.admin === undefined ? {} : { admin: buildAdmin(config.admin) }),
    kernel: buildKernel(config.kernel),
    firewall: buildFirewall(config.firewall),
    runtime: buildRuntime(config, keys.runtime, home),
    ...buildKubernetes(config.kubernetes, { key: keys.kubernetes, programFiles, home }),
    ...buildWorkers(config, home),
    kubeadm: buildKubeadm(config.kubeadm),
    ...(credentials.api === undefined ? {} : { kubeletApiAccess: credentials.api }),
    nodes: Object.entries(connections).map(([node, connection]) => ({
      ...buildNode(config, node, connection),
      ...(credentials.nodes[node] ?? { secrets: {} }),
    })),
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

const buildRuntime = (
  { runtime, kubernetesVersion }: ClusterConfig,
  repositoryKey: string | undefined,
  home: string,
): RuntimeSpec => ({
  // the schema and the rules let no others through
  type: runtime.type as RuntimeType,
  source: (runtime.source ?? usualSource(runtime.type)) as RuntimeSource,
  ...(runtime.version === undefined ? {} : { version: runtime.version }),
  ...(repositoryKey === undefined ? {} : { repository: buildRepository(runtime.repository, repositoryKey) }),
  ...(runtime.criDockerd === undefined ? {} : { criDockerd: buildCriDockerd(runtime.criDockerd, home) }),
  cgroupDriver: runtime.cgroupDriver,
  sandboxImage: runtime.sandboxImage ?? pauseImage(kubernetesVersion),
  registryMirrors: Object.fromEntries(
    Object.entries(runtime.registryMirrors).map(([registry, mirrors]) => [
      registry,
      mirrors.map(buildMirror),
    ]),
  ),
  ...(runtime.release === undefined
    ? {}
    : { release: { ...located(runtime.release, home), runc: located(runtime.release.runc, home) } }),
});

const buildCriDockerd = ({ version, release }: CriDockerdSpec, home: string): CriDockerdSpec => ({
  ...(version === undefined ? {} : { version }),
  ...(release === undefined ? {} : { release: located(release, home) }),
});

type MirrorConfig = ClusterConfig["runtime"]["registryMirrors"][string][number];

function buildMirror(mirror: MirrorConfig): RegistryMirror {
  if (typeof mirror === "string") return { url: mirror };
  const { url, username, password } = mirror;
  if (username === undefined || password === undefined) return { url };
  return { url, credentials: { username, password: new Secret(password) } };
}

const buildRepository = (
  { url, suite, components }: NonNullable<ClusterConfig["runtime"]["repository"]> = {},
  key: string,
): RepositorySpec => ({ url, suite, components, key });

/** What workers get besides the runtime. What their own certificates and kubeconfigs are, is the nodes' part. */
function buildWorkers(
  config: ClusterConfig,
  home: string,
): Pick<ClusterSpec, "cni" | "kubelet" | "kubeProxy"> {
  const { kubelet, kubeProxy } = config;
  const { release, ...cni } = config.cni;
  return {
    cni: {
      ...cni,
      plugins: cniPlugins(config),
      ...(release === undefined ? {} : { release: located(release, home) }),
    },
    ...(kubelet === undefined ? {} : { kubelet: buildKubelet(kubelet) }),
    ...(kubeProxy === undefined ? {} : { kubeProxy: buildKubeProxy(kubeProxy) }),
  };
}

function buildKubeadm(kubeadm: ClusterConfig["kubeadm"]): KubeadmSpec {
  const { controlPlaneEndpoint, joinToken, generateJoinToken, caCertHashes } = kubeadm;
  return {
    ...(controlPlaneEndpoint === undefined ? {} : { controlPlaneEndpoint }),
    ...(joinToken === undefined ? {} : { joinToken: new Secret(joinToken) }),
    ...{ generateJoinToken, caCertHashes },
  };
}

type KubernetesFiles = Omit<FoundFiles, "keys"> & { readonly key: string | undefined };

/** Kubernetes' programs, one way or the other. */
function buildKubernetes(
  kubernetes: ClusterConfig["kubernetes"],
  { key, programFiles, home }: KubernetesFiles,
): Pick<ClusterSpec, "kubernetes" | "kubernetesPackages"> {
  if (kubernetes === undefined) return {};
  const { source, revision, repository } = kubernetes;
  if (source === "binaries") return { kubernetes: { ...whole(kubernetes, home), ...programFiles } };
  if (key === undefined)
    throw new Error("kubernetes.source is packages, but kubernetes.repository has no key");
  return {
    kubernetesPackages: {
      repository: buildRepository(repository, key),
      ...(revision === undefined ? {} : { revision }),
    },
  };
}

/** The same without keys that have no value: what is absent, is. */
function whole(
  { url, sha256, crictl }: NonNullable<ClusterConfig["kubernetes"]>,
  home: string,
): KubernetesSpec {
  const programs = Object.entries(sha256).filter(([, sums]) => sums !== undefined);
  return {
    url: url ?? usualUrls.kubernetes,
    sha256: Object.fromEntries(programs),
    ...(crictl === undefined ? {} : { crictl: located(crictl, home) }),
  };
}

function buildKubelet({ config, extra, logLevel }: NonNullable<ClusterConfig["kubelet"]>): KubeletSpec {
  // these two are the runtime's by the rules of consistency
  const { cgroupDriver: _driver, containerRuntimeEndpoint: _socket, resolvConf, ...settings } = config;
  return {
    config: { ...settings, ...(resolvConf === undefined ? {} : { resolvConf }) },
    extra,
    logLevel,
  };
}

const buildKubeProxy = ({
  mode,
  extra,
  logLevel,
}: NonNullable<ClusterConfig["kubeProxy"]>): KubeProxySpec => ({
  mode: mode as KubeProxySpec["mode"],
  extra,
  logLevel,
});

function buildNode(
  config: ClusterConfig,
  name: string,
  connection: ConnectionSpec,
): Omit<NodeSpec, "secrets"> {
  const node = config.nodes[name];
  if (node === undefined) throw new Error(`node ${name} has a connection but no configuration`);
  return {
    ...{ name, connection },
    ...(node.fqdn === undefined ? {} : { fqdn: node.fqdn }),
    role: node.role,
    podSubnets: canonical(node.podSubnet),
    retire: node.retire,
    adopt: node.adopt ?? config.adopt,
    allowCgroupDriverChange: node.allowCgroupDriverChange,
    undoWithPods: node.undoWithPods,
  };
}
