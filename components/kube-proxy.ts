import { isIPv6Cidr } from "../config/cidr";
import type { KubeProxySpec, KubernetesSpec, NodeSpec } from "../config/types";
import type { Facts } from "../plan/facts";
import { modulesNowAndAtBoot, sysctlsNowAndAtBoot } from "../plan/kernel";
import { directory, file, pkg } from "../plan/kinds";
import type { Requirement } from "../plan/requirement";
import { secretFile } from "../plan/secrets";
import type { StageDefinition } from "../plan/stage";
import { compareVersions } from "../plan/version-order";
import { componentConfig } from "./kubelet/config";
import { networkTools } from "./kubelet/network-tools";
import { runningComponent, secretContent } from "./kubelet/component";
import { componentUnit } from "./kubelet/unit";
import { programPath, programs } from "./release";
import { StageComponent } from "./stage-component";

/** Arguments of the kube-proxy stage. */
export interface KubeProxyArgs extends KubeProxySpec {
  /** Its kubeconfig: what stage node-secrets has brought. */
  readonly secrets: NodeSpec["secrets"];
  /** Where the program comes from. Default: it is there. */
  readonly kubernetes?: KubernetesSpec;
}

const folder = "/var/lib/kube-proxy";
const unit = "kube-proxy.service";

/** The stage as a pure function. */
export const kubeProxy: StageDefinition<KubeProxyArgs> = {
  name: "kube-proxy",
  requirements: (args, facts, { kubernetesVersion, podCidrs }) => {
    checkKernel(args, facts);
    const program = programs(["kube-proxy"], args.kubernetes, kubernetesVersion, facts);
    const files = [
      secretFile(
        `${folder}/kubeconfig`,
        secretContent("kube-proxy", args.secrets, "kube-proxy.kubeconfig", facts),
      ),
      file(`${folder}/kube-proxy-config.yaml`, kubeProxyConfig(args, podCidrs)),
      file(`/etc/systemd/system/${unit}`, kubeProxyUnit(args.logLevel)),
    ];
    return [
      ...modeTools(args, facts),
      ...localNodePorts(args, podCidrs),
      ...runningComponent(unit, directory(folder), program, files),
    ];
  },
};

/** kube-proxy itself ends there (proxier.go: minNFTablesKernelVersion). */
function checkKernel({ mode, extra }: KubeProxyArgs, { kernel }: Facts): void {
  if (mode !== "nftables") return;
  const { skipKernelVersionCheck } = (extra["nftables"] ?? {}) as {
    readonly skipKernelVersionCheck?: unknown;
  };
  if (skipKernelVersionCheck === true || compareVersions(kernel, "5.13") >= 0) return;
  throw new Error(
    `kubeProxy.mode is nftables, which takes a kernel of 5.13 or later, but the node runs ${kernel}: use iptables`,
  );
}

function kubeProxyConfig({ mode, extra }: KubeProxyArgs, podCidrs: readonly string[]): string {
  const known = {
    clientConnection: { kubeconfig: `${folder}/kubeconfig` },
    clusterCIDR: podCidrs.join(","),
    mode,
  };
  return componentConfig("KubeProxyConfiguration", "kubeproxy.config.k8s.io/v1alpha1", known, extra);
}

const kubeProxyUnit = (logLevel: number): string =>
  componentUnit({
    description: "Kubernetes Kube Proxy",
    requires: [],
    command: [programPath("kube-proxy"), `--config=${folder}/kube-proxy-config.yaml`, `--v=${logLevel}`],
  });

/**
 * In mode iptables kube-proxy sets this itself, for node ports on 127.0.0.1. Said here, it is on record, and undone.
 */
export function kubeProxySysctls(
  { mode, extra }: Pick<KubeProxySpec, "extra"> & { readonly mode: string },
  podCidrs: readonly string[],
): Readonly<Record<string, string>> {
  const { localhostNodePorts } = (extra["iptables"] ?? {}) as { readonly localhostNodePorts?: unknown };
  const isIPv4 = podCidrs.some((cidr) => !isIPv6Cidr(cidr));
  if (mode !== "iptables" || !isIPv4 || localhostNodePorts === false) return {};
  return { "net.ipv4.conf.all.route_localnet": "1" };
}

function localNodePorts(args: KubeProxyArgs, podCidrs: readonly string[]): readonly Requirement[] {
  const sysctls = kubeProxySysctls(args, podCidrs);
  return Object.keys(sysctls).length === 0 ? [] : sysctlsNowAndAtBoot("kube-proxy.conf", sysctls);
}

/** Modules that kube-proxy's ipvs mode looks for when it starts: those of its default scheduler and of the usual ones. */
const ipvsModules = ["ip_vs", "ip_vs_rr", "ip_vs_wrr", "ip_vs_sh", "nf_conntrack"];

/** What the mode works with: packages, and kernel modules for now and for the next boot. */
function modeTools({ mode }: KubeProxyArgs, facts: Facts): readonly Requirement[] {
  const tools = networkTools(facts).filter(({ key }) => key !== "socat");
  if (mode === "iptables") return tools;
  if (mode === "nftables") return [...tools, pkg("nftables", { early: true })];
  return [...tools, pkg("ipvsadm", { early: true }), ...modulesNowAndAtBoot("kube-proxy.conf", ipvsModules)];
}

/**
 * kube-proxy as a unit of its own: traffic to services finds its pods.
 *
 * @example
 * const args = { mode: "iptables", extra: {}, logLevel: 2, secrets } as const;
 * const node = await surveyNode({ ...machine, stages: [Toolkit.stage({}), NodeSecrets.stage({ secrets }), KubeProxy.stage(args)] });
 * const toolkit = new Toolkit("db-1", { node });
 * const credentials = new NodeSecrets("db-1", { node }, { dependsOn: toolkit });
 * new KubeProxy("db-1", { node }, { dependsOn: credentials });
 */
export class KubeProxy extends StageComponent(kubeProxy, "KubeProxy") {}
