import { isIPv6Cidr } from "../config/cidr";
import { modulesNowAndAtBoot, sysctlsNowAndAtBoot, sysctlText } from "../plan/kernel";
import { sysctl } from "../plan/kinds";
import type { NodeContext, StageDefinition } from "../plan/stage";
import { StageComponent } from "./stage-component";

/** Arguments of the kernel-prereqs stage: what a cluster wants besides what Kubernetes needs. */
export interface KernelPrereqsArgs {
  /** Kernel modules besides `overlay` and `br_netfilter`. Default none. */
  readonly modules?: readonly string[];
  /** Sysctls besides the required ones. One of those with another value is refused. Default none. */
  readonly sysctls?: Readonly<Record<string, string | number>>;
  /** Name of the file in /etc/modules-load.d. Default `k8s.conf`. */
  readonly modulesFile?: string;
  /** Name of the file in /etc/sysctl.d. Default `k8s.conf`. */
  readonly sysctlFile?: string;
}

/** Modules that container runtimes (overlay) and kube-proxy (br_netfilter) need. */
const requiredModules: readonly string[] = ["overlay", "br_netfilter"];

/**
 * Sysctls that Kubernetes networking needs, and the values that the kubelet insists on with
 * `protectKernelDefaults` (kubelet, pkg/kubelet/cm/container_manager_linux.go).
 */
export const requiredSysctls: Readonly<Record<string, string>> = {
  "net.bridge.bridge-nf-call-iptables": "1",
  "net.bridge.bridge-nf-call-ip6tables": "1",
  "net.ipv4.ip_forward": "1",
  "vm.overcommit_memory": "1",
  "vm.panic_on_oom": "0",
  "kernel.panic": "10",
  "kernel.panic_on_oops": "1",
};

/** The required sysctls of a cluster with these pod CIDRs: IPv6 pods need their own forwarding. */
export function requiredSysctlsOf(podCidrs: readonly string[]): Readonly<Record<string, string>> {
  const ipv6 = podCidrs.some(isIPv6Cidr);
  return ipv6 ? { ...requiredSysctls, "net.ipv6.conf.all.forwarding": "1" } : requiredSysctls;
}

/** Values below which nodes run out of watches under ordinary load (image-builder); never lowered. */
export const minimumSysctls: Readonly<Record<string, string>> = {
  "fs.inotify.max_user_instances": "8192",
  "fs.inotify.max_user_watches": "524288",
};

/** The stage as a pure function. */
export const kernelPrereqs: StageDefinition<KernelPrereqsArgs> = {
  name: "kernel-prereqs",
  requirements: (args, _facts, node) => [
    ...modulesNowAndAtBoot(args.modulesFile ?? "k8s.conf", modules(args)),
    ...sysctlsNowAndAtBoot(args.sysctlFile ?? "k8s.conf", sysctlValues(args, node)),
    ...Object.entries(minimumSysctls)
      .filter(([key]) => args.sysctls?.[key] === undefined)
      .map(([key, value]) => sysctl(key, value, { atLeast: true })),
  ],
};

const modules = (args: KernelPrereqsArgs): readonly string[] => [
  ...new Set([...requiredModules, ...(args.modules ?? [])]),
];

function sysctlValues(args: KernelPrereqsArgs, node: NodeContext): Record<string, string> {
  const values: Record<string, string> = { ...requiredSysctlsOf(node.podCidrs) };
  for (const [key, value] of Object.entries(args.sysctls ?? {})) {
    const wanted = sysctlText(value);
    if (values[key] !== undefined && values[key] !== wanted)
      throw new Error(
        `sysctl ${key}: ${wanted} contradicts what Kubernetes needs, ${values[key]}; remove it`,
      );
    values[key] = wanted;
  }
  return values;
}

/**
 * Kernel modules and sysctls that Kubernetes needs, now and after a reboot.
 *
 * @example
 * const node = await surveyNode({ ...machine, stages: [Toolkit.stage({}), KernelPrereqs.stage({ modules: ["ip_vs"] })] });
 * const toolkit = new Toolkit("db-1", { node });
 * new KernelPrereqs("db-1", { node }, { dependsOn: toolkit });
 */
export class KernelPrereqs extends StageComponent(kernelPrereqs, "KernelPrereqs") {}
