import type { Facts } from "../../plan/facts";
import type { ContainerRuntimeArgs, Runtime, RuntimeType } from "./types";

/*
 * A machine that serves a cluster already, which nodeprep has not made: what it must not be given, since its Pods would
 * lose it. Nothing here is about a machine that nodeprep has prepared before.
 */

/** Distributions of Kubernetes with a kubelet and a runtime of their own, by the units that their installers write. */
const distributions: readonly (readonly [name: string, units: readonly string[], removal: string])[] = [
  [
    "k3s",
    ["/etc/systemd/system/k3s.service", "/etc/systemd/system/k3s-agent.service"],
    "k3s-uninstall.sh or k3s-agent-uninstall.sh",
  ],
  [
    "RKE2",
    ["/usr/local/lib", "/usr/lib"].flatMap((folder) =>
      ["server", "agent"].map((role) => `${folder}/systemd/system/rke2-${role}.service`),
    ),
    "rke2-uninstall.sh",
  ],
  ["MicroK8s", ["/etc/systemd/system/snap.microk8s.daemon-kubelite.service"], "snap remove microk8s"],
  [
    "k0s",
    ["/etc/systemd/system/k0sworker.service", "/etc/systemd/system/k0scontroller.service"],
    "k0s stop; k0s reset",
  ],
  ["Canonical Kubernetes", ["/etc/systemd/system/snap.k8s.kubelet.service"], "snap remove k8s"],
];

/** Where the socket of a kubelet's runtime is written: by kubeadm, until 1.33 and from 1.34 on; by kubespray. */
const socketFiles = [
  "/var/lib/kubelet/instance-config.yaml",
  "/var/lib/kubelet/kubeadm-flags.env",
  "/etc/kubernetes/kubelet.env",
  "/var/lib/kubelet/config.yaml",
];

/** Only a machine that nodeprep has prepared has it. */
export const recordFile = "/var/lib/nodeprep/owner";

/** The files that tell of another cluster. */
export const otherClusterFiles: readonly string[] = [
  recordFile,
  ...distributions.flatMap(([, units]) => units),
  ...socketFiles,
];

/**
 * Refuses a machine with another distribution of Kubernetes, one whose kubelet uses another runtime, and one with the
 * runtime's programs from elsewhere.
 *
 * @throws Error with what was found and the remedy
 */
export function refuseOtherClusters(
  runtimes: Readonly<Record<RuntimeType, Runtime>>,
  args: ContainerRuntimeArgs,
  facts: Facts,
  kubernetesVersion: string,
): void {
  if (facts.files[recordFile] !== undefined) return;
  const { type } = args;
  refuseDistribution(facts);
  refuseRivals(runtimes[type].rivals?.(args) ?? [], args, facts);
  const { path, socket } = socketInUse(facts);
  if (path === undefined || socket === undefined || facts.pods?.joined !== true) return;
  const wanted = runtimes[type].criSocket({ kubernetesVersion, files: facts.files });
  if (plain(socket) === plain(wanted)) return;
  throw new Error(
    `runtime.type is ${type} (${wanted}), but the machine's kubelet uses the runtime at ${socket} (${path}): its Pods would ` +
      "lose it. Set runtime.type to that runtime; or drain the node, remove it from the cluster (kubectl delete node; " +
      "kubeadm reset on it), and run again",
  );
}

function refuseDistribution({ files }: Facts): void {
  for (const [name, units, removal] of distributions) {
    const unit = units.find((path) => files[path] !== undefined);
    if (unit === undefined) continue;
    throw new Error(
      `${name} is installed on the machine (${unit}). It brings a kubelet, a container runtime and packet filter rules of its ` +
        `own, and those of a second Kubernetes would break it: remove it (${removal}), or take the node out of the configuration`,
    );
  }
}

function socketInUse({ files }: Facts): { readonly path?: string; readonly socket?: string } {
  for (const path of socketFiles) {
    const said = /container-?runtime-?endpoint["']?[=:][ \t]*["']?([^\s"']+)/i.exec(
      files[path]?.content ?? "",
    );
    if (said?.[1] !== undefined) return { path, socket: said[1] };
  }
  return {};
}

const plain = (socket: string): string => socket.replace(/^unix:\/\//, "").replace(/^\/var\/run\//, "/run/");

/** dpkg has it of an installed package alone. To ask for a package that is not there would cost every survey a second. */
export const traceOf = (name: string): string => `/var/lib/dpkg/info/${name}.md5sums`;

/** apt removes nothing here to make room, so this would fail half-way: after swap, kernel and firewall were changed. */
function refuseRivals(rivals: readonly string[], { type, source }: ContainerRuntimeArgs, facts: Facts): void {
  const found = rivals.filter((name) => facts.files[traceOf(name)] !== undefined);
  if (facts.packageManager !== "apt" || found.length === 0) return;
  throw new Error(
    `runtime.type is ${type} with runtime.source: ${source}, but ${found.join(" and ")} is installed on the machine, which cannot ` +
      "be there as well: choose the source that it is from (docker for containerd.io and docker-ce, distribution for the " +
      "others), or remove it if nothing needs it (after a drain)",
  );
}
