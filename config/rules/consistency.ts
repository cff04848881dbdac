import { parsePorts } from "../../plan/firewall-kinds";
import { share } from "../../plan/firewall-ports";
import { cniPlugins } from "../cni-plugins";
import { formatPath, show, showKey, type Path, type Problem } from "../errors";
import type { Context } from "../findings";
import type { ClusterConfig, Draft } from "../schema";
import { cidrsOf } from "../schema/network";
import { usualType } from "../schema/runtime-types";
import type { RuntimeFacts } from "../sources";
import { checkNetworks } from "./network";

type Cluster = Draft<ClusterConfig>;

/**
 * Whatever must be the same, or must fit, in two places of the configuration. Each mistake names both places and
 * their values. Networks have a file of their own.
 */
export function checkConsistency(cluster: Cluster, context: Context): void {
  checkNetworks(cluster, context);
  const runtime = context.sources.runtimes?.[typeOf(cluster)];
  context.problems.push(
    ...cgroupDrivers(cluster),
    ...(runtime === undefined ? [] : [...criSockets(cluster, runtime), ...cniFolders(cluster, runtime)]),
    ...clusterCidrs(cluster),
    ...bridgeSubnets(cluster),
    ...pluginRelease(cluster),
    ...typedTwice(cluster),
    ...joinTokens(cluster),
  );
  context.warnings.push(...kubeletPort(cluster));
}

const typeOf = ({ runtime }: Pick<Cluster, "runtime">): string => runtime?.type ?? usualType;

function cgroupDrivers({ kubelet, runtime }: Cluster): readonly Problem[] {
  const own = kubelet?.config?.cgroupDriver;
  const other = runtime?.cgroupDriver ?? "systemd";
  if (own === undefined || own === other) return [];
  return [
    {
      path: ["kubelet", "config", "cgroupDriver"],
      value: own,
      allowed: `is not the runtime's, runtime.cgroupDriver is ${other}: no pod would start`,
      remedy: "remove it: the kubelet gets the runtime's",
    },
  ];
}

/** /var/run is a link to /run on every system that is supported. */
const socketPath = (endpoint: string): string => endpoint.replace(/^unix:\/\/\/var\/run\//, "unix:///run/");

function criSockets(
  { kubelet, kubernetesVersion, runtime }: Cluster,
  facts: RuntimeFacts,
): readonly Problem[] {
  const own = kubelet?.config?.containerRuntimeEndpoint;
  if (own === undefined || kubernetesVersion === undefined) return [];
  const criSocket = facts.criSocket({ kubernetesVersion });
  if (socketPath(own) === socketPath(criSocket)) return [];
  return [
    {
      path: ["kubelet", "config", "containerRuntimeEndpoint"],
      value: show(own),
      allowed: `is not the socket of runtime.type ${typeOf({ runtime })}, ${criSocket}`,
      remedy: "remove it: the kubelet gets the runtime's",
    },
  ];
}

function cniFolders(cluster: Cluster, facts: RuntimeFacts): readonly Problem[] {
  const { cni, runtime } = cluster;
  // with cni.plugins none, too: the runtime does not look elsewhere for plugins that others bring
  const sides = [
    ["binDir", cni?.binDir, facts.cniBinDir],
    ["confDir", cni?.confDir, facts.cniConfDir],
  ] as const;
  return sides
    .filter(([, own, other]) => own !== undefined && own !== other)
    .map(([name, own, other]) => ({
      path: ["cni", name],
      value: show(own),
      allowed: `is not where runtime.type ${typeOf({ runtime })} looks, ${other}: pods would get no network`,
      remedy: "remove it",
    }));
}

function clusterCidrs({ kubeProxy, podCidr }: Cluster): readonly Problem[] {
  const texts = (value: typeof podCidr): string =>
    cidrsOf(value)
      .map((cidr) => cidr.text)
      .join(",");
  const own = kubeProxy?.clusterCIDR;
  if (own === undefined || podCidr === undefined || texts(own) === texts(podCidr)) return [];
  return [
    {
      path: ["kubeProxy", "clusterCIDR"],
      value: texts(own),
      allowed: `is not podCidr, ${texts(podCidr)}, which the controller manager gets as --cluster-cidr`,
      remedy: "remove it: kube-proxy gets podCidr",
    },
  ];
}

/** The bridge plugin takes pods' addresses from the node's own subnet. */
function bridgeSubnets(cluster: Cluster): readonly Problem[] {
  const { cni, nodes } = cluster;
  if ((cni?.type ?? "bridge") !== "bridge" || cniPlugins(cluster) === "none") return [];
  return Object.entries(nodes ?? {})
    .filter(([, node]) => node?.role === "worker" && node.podSubnet === undefined)
    .map(([name]) => ({
      path: ["nodes", name, "podSubnet"],
      allowed: `is missing, but cni.type is bridge, which gives ${showKey(name)}'s pods addresses from it`,
      remedy: "add a part of podCidr that no other node has, or use another cni.type",
    }));
}

/** The source of the plugins and what it is, said in two keys. */
function pluginRelease({ cni }: Cluster): readonly Problem[] {
  const [source, release] = [cni?.plugins, cni?.release];
  if (source === "release" && release === undefined)
    return [
      {
        path: ["cni", "release"],
        allowed: "is missing, but cni.plugins is release",
        remedy: "add it: { version: 1.8.0, sha256: { amd64: … } }",
      },
    ];
  if (source === undefined || source === "release" || release === undefined) return [];
  return [
    {
      path: ["cni", "plugins"],
      value: source,
      allowed: "goes without cni.release, which is given too",
      remedy: "remove one of the two",
    },
  ];
}

function joinTokens({ kubeadm }: Cluster): readonly Problem[] {
  if (kubeadm?.joinToken === undefined || kubeadm.generateJoinToken !== true) return [];
  return [
    {
      path: ["kubeadm", "generateJoinToken"],
      value: "true",
      allowed: "contradicts kubeadm.joinToken, which is given",
      remedy: "remove one of the two",
    },
  ];
}

/** A setting with a key of its own, given as an extra one too: only one of them would count. */
function typedTwice({ kubelet, kubeProxy }: Cluster): readonly Problem[] {
  const own = { kubelet: kubeletKeys, kubeProxy: kubeProxyKeys };
  const given: readonly (readonly [keyof typeof own, Path, object])[] = [
    ["kubelet", ["kubelet", "extra"], kubelet?.extra ?? {}],
    ["kubeProxy", ["kubeProxy", "extra"], kubeProxy?.extra ?? {}],
  ];
  return given.flatMap(([component, path, extra]) =>
    Object.keys(extra).flatMap((name) => {
      const meant = Object.hasOwn(own[component], name) ? own[component][name] : undefined;
      return meant === undefined
        ? []
        : [{ path: [...path, name], allowed: "has a key of its own", remedy: `set ${meant}` }];
    }),
  );
}

const kubeletKeys: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    [
      "address authentication authorization cgroupDriver containerRuntimeEndpoint enableServer failSwapOn",
      "maxPods memorySwap port resolvConf registerNode runtimeRequestTimeout tlsCertFile tlsPrivateKeyFile",
    ]
      .join(" ")
      .split(" ")
      .map((name) => [name, `kubelet.config.${name}`]),
  ),
  podCIDR: "the nodes' podSubnet",
  kind: "nothing: it is always KubeletConfiguration",
  apiVersion: "nothing: it is always kubelet.config.k8s.io/v1beta1",
};

const kubeProxyKeys: Readonly<Record<string, string>> = {
  mode: "kubeProxy.mode",
  clusterCIDR: "kubeProxy.clusterCIDR",
  clientConnection: "kubeProxy.kubeconfig",
  kind: "nothing: it is always KubeProxyConfiguration",
  apiVersion: "nothing: it is always kubeproxy.config.k8s.io/v1alpha1",
};

function kubeletPort({ kubelet, firewall }: Cluster): readonly string[] {
  const port = kubelet?.config?.port ?? 10250;
  const extra = (firewall?.extraPorts ?? []).map(parsePorts);
  const isOpen = extra.some((ports) => share(ports, { first: port, last: port, protocol: "tcp" }));
  if (port === 10250 || firewall?.backend === "none" || isOpen) return [];
  return [
    `${formatPath(["kubelet", "config", "port"])} is ${port}, but the firewall opens 10250: add ${port}/tcp to firewall.extraPorts.`,
  ];
}
