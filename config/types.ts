import type { KubernetesPackagesSpec, KubernetesSpec, ReleaseSpec } from "./release-spec";
import type { RuntimeSpec } from "./runtime-spec";
import type { cniTypes } from "./schema/cni";
import type { Secret } from "./secret";

export type {
  Architecture,
  KubernetesPackagesSpec,
  KubernetesProgram,
  KubernetesSpec,
  ReleaseSpec,
  RuntimeReleaseSpec,
  Sums,
} from "./release-spec";
export type { CriDockerdSpec, RepositorySpec } from "./repository-spec";
export type { CgroupDriver, RegistryMirror, RegistryMirrors, RuntimeSpec } from "./runtime-spec";
export type { RuntimeSource, RuntimeType } from "./schema/runtime-types";

/** How a person or program proves who it is to sshd. */
export type Authentication =
  | {
      readonly method: "privateKey";
      /** The private key's text. */
      readonly privateKey: Secret;
      /** What the key is encrypted with, where it is. */
      readonly passphrase?: Secret;
    }
  | { readonly method: "password"; readonly password: Secret }
  | {
      readonly method: "agent";
      /** The agent's socket, from `SSH_AUTH_SOCK`. It is the operator's own and belongs in no resource input. */
      readonly socket: string;
    };

/** One SSH endpoint and how to get in. */
export interface SshEndpoint {
  /** IP address (IPv6 without brackets) or DNS name. */
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** The one accepted host key, `type base64`; absent only with `insecureIgnoreHostKey`. */
  readonly hostKey?: string;
  /** For `surveyNode`: do without a host key. Of the nodes of the configuration, its reading sees to that. */
  readonly insecureIgnoreHostKey?: boolean;
  readonly auth: Authentication;
}

/** The effective connection of one node: the cluster's ssh with what the node overrides. */
export interface ConnectionSpec extends SshEndpoint {
  /** The machine to jump through. */
  readonly bastion?: SshEndpoint;
  /** Seconds that one attempt to connect, handshake included, may take. */
  readonly dialTimeout: number;
}

/** One machine of the cluster. */
export interface NodeSpec {
  /** Its key under `nodes`, a DNS label. */
  readonly name: string;
  /** The machine's full name, a DNS name; absent where none is said. */
  readonly fqdn?: string;
  readonly role: "control-plane" | "worker";
  readonly connection: ConnectionSpec;
  /** The node's part of the pod CIDRs, one a family, canonical; empty where it is not set. */
  readonly podSubnets: readonly string[];
  /** What goes to the node for root alone: certificates, keys, kubeconfigs. Empty on nodes without kubelet. */
  readonly secrets: Readonly<Partial<Record<SecretId, Secret>>>;
  /** The node's name in the client certificate of the kubelet's kubeconfig, where it has one. */
  readonly kubeletIdentity?: string;
  /** What becomes of the machine when it leaves the program. */
  readonly retire: "undo" | "abandon";
  /** Take the node over from another stack that owns it. */
  readonly adopt: boolean;
  /** The node may get another cgroup driver although it has run pods. */
  readonly allowCgroupDriverChange: boolean;
  /** The node may be given back although Pods run on it. */
  readonly undoWithPods: boolean;
}

/** The account for daily work on every node. */
export interface AdminSpec {
  readonly name: string;
  /** Lines of authorized_keys. */
  readonly authorizedKeys: readonly string[];
  /** Whether it may use sudo without a password. */
  readonly sudo: boolean;
}

/** What is wanted of the kernel besides what Kubernetes needs. */
export interface KernelSpec {
  readonly modules: readonly string[];
  readonly sysctls: Readonly<Record<string, string>>;
  /** File name in /etc/modules-load.d. */
  readonly modulesFile: string;
  /** File name in /etc/sysctl.d. */
  readonly sysctlFile: string;
}

export interface FirewallSpec {
  /** `none` leaves the firewall alone. */
  readonly backend: "firewalld" | "none";
  /** A firewalld zone, or `auto`: the zone of the interface that carries SSH. */
  readonly zone: string;
  /** `port/protocol` or `first-last/protocol`. */
  readonly extraPorts: readonly string[];
  /** Canonical CIDRs that may reach SSH; empty: all. */
  readonly sshSources: readonly string[];
  /** Canonical CIDRs that may reach the control plane's ports; empty: all. */
  readonly controlPlaneSources: readonly string[];
  /** Seconds in which new rules must be confirmed over a new SSH connection before the old ones come back. */
  readonly confirmWithin: number;
}

export type CniType = (typeof cniTypes)[number];

export interface CniSpec {
  readonly type: CniType;
  /** Where the CNI project's plugins come from; `none`: neither they nor their configuration are nodeprep's. */
  readonly plugins: "distribution" | "release" | "provided" | "none";
  /** With `plugins: release`. */
  readonly release?: ReleaseSpec;
  readonly binDir: string;
  readonly confDir: string;
}

/** What the kubelet's settings follow from, besides the runtime and the node. */
export interface KubeletSpec {
  readonly config: KubeletSettings;
  /** Further settings of KubeletConfiguration, as they are. */
  readonly extra: Readonly<Record<string, unknown>>;
  /** `--v`. */
  readonly logLevel: number;
}

/** Settings by their names in KubeletConfiguration; what is absent follows from runtime and node. */
export interface KubeletSettings {
  readonly address: string;
  readonly authentication: {
    readonly anonymous: { readonly enabled: boolean };
    readonly webhook: { readonly enabled: boolean };
    readonly x509: { readonly clientCAFile: string };
  };
  readonly authorization: { readonly mode: "Webhook" | "AlwaysAllow" };
  readonly enableServer: boolean;
  readonly failSwapOn: boolean;
  readonly maxPods: number;
  readonly memorySwap: { readonly swapBehavior: "NoSwap" | "LimitedSwap" };
  readonly port: number;
  readonly resolvConf?: string;
  readonly registerNode: boolean;
  readonly runtimeRequestTimeout: string;
  readonly tlsCertFile: string;
  readonly tlsPrivateKeyFile: string;
}

export interface KubeProxySpec {
  readonly mode: "iptables" | "ipvs" | "nftables";
  /** Further settings of KubeProxyConfiguration, as they are. */
  readonly extra: Readonly<Record<string, unknown>>;
  /** `--v`. */
  readonly logLevel: number;
}

/** What kubeadm's configuration in the outputs depends on. */
export interface KubeadmSpec {
  /** Host, with or without port; absent: the first control plane node's. */
  readonly controlPlaneEndpoint?: string;
  readonly joinToken?: Secret;
  /** Make a token where none is given. */
  readonly generateJoinToken: boolean;
  readonly caCertHashes: readonly string[];
}

/** How the cluster is told to let the API server reach kubelets. */
export interface KubeletApiAccessSpec {
  readonly kubeconfig: Secret;
  readonly user: string;
}

/** Ids of a node's secrets, see `NodeSpec.secrets`. */
export type SecretId =
  "kubelet-ca.crt" | "kubelet.crt" | "kubelet.key" | "kubelet.kubeconfig" | "kube-proxy.kubeconfig";

/** The whole configuration: checked, every default filled in, every reference resolved. */
export interface ClusterSpec {
  /** A DNS label. */
  readonly name: string;
  /** Semantic version without `v`. */
  readonly kubernetesVersion: string;
  /** One CIDR, or one a family; canonical. */
  readonly podCidrs: readonly string[];
  readonly serviceCidrs: readonly string[];
  /** How many SSH sessions the survey holds open at once. */
  readonly maxConnections: number;
  readonly hostNames: "managed" | "untouched";
  /** Absent: no account is made. */
  readonly admin?: AdminSpec;
  readonly kernel: KernelSpec;
  readonly swap: "disabled" | "untouched";
  readonly selinux: "permissive" | "enforcing" | "untouched";
  readonly firewall: FirewallSpec;
  readonly cni: CniSpec;
  readonly runtime: RuntimeSpec;
  /** Absent: the nodes' programs are not managed. */
  readonly kubernetes?: KubernetesSpec;
  /** The same as packages; never together with `kubernetes`. */
  readonly kubernetesPackages?: KubernetesPackagesSpec;
  /** Absent: nodeprep configures no kubelet. */
  readonly kubelet?: KubeletSpec;
  /** Absent: nodeprep configures no kube-proxy. */
  readonly kubeProxy?: KubeProxySpec;
  readonly kubeadm: KubeadmSpec;
  /** Absent: nothing is done on the cluster. */
  readonly kubeletApiAccess?: KubeletApiAccessSpec;
  /** In the order of the file. */
  readonly nodes: readonly NodeSpec[];
}
