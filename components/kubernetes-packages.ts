import type { KubernetesPackagesSpec } from "../config/types";
import type { Facts } from "../plan/facts";
import { directory, pkg, service } from "../plan/kinds";
import { repository } from "../plan/repository";
import type { Requirement } from "../plan/requirement";
import type { StageDefinition } from "../plan/stage";
import { crictlConfig, type CriSocket } from "./crictl";
import { networkTools } from "./kubelet/network-tools";
import { kubeletContents, kubeletFolder, volumePlugins } from "./kubelet/folder";
import { StageComponent } from "./stage-component";

/** Arguments of the kubernetes-packages stage. */
export interface KubernetesPackagesArgs extends KubernetesPackagesSpec {
  /** Where crictl reaches the runtime. */
  readonly criSocket: CriSocket;
}

const unit = "kubelet.service";

/**
 * The stage as a pure function. The kubelet is enabled and not started: without what kubeadm writes, it ends at once;
 * `kubeadm init` and `kubeadm join` start it.
 */
export const kubernetesPackages: StageDefinition<KubernetesPackagesArgs> = {
  name: "kubernetes-packages",
  requirements: (args, facts, { kubernetesVersion }) => {
    const held = { version: packageVersion(args, kubernetesVersion, facts), hold: true };
    return [
      ...packageSource(args, kubernetesVersion, facts),
      directory(kubeletFolder, { contents: kubeletContents }),
      volumePlugins,
      // one after the other, so that it is one transaction
      ...networkTools(facts),
      pkg("kubelet", { ...held, quietUnits: [unit] }),
      pkg("kubeadm", held),
      pkg("kubectl", held),
      crictlConfig(args.criSocket, kubernetesVersion, facts),
      service(unit, { runs: "when something starts it" }),
    ];
  },
};

/** The project's repositories, one for each minor version: https://kubernetes.io/blog/2023/08/15/pkgs-k8s-io-introduction/ */
function packageSource(
  { repository: { url, suite = "/", components, key } }: KubernetesPackagesArgs,
  kubernetesVersion: string,
  facts: Facts,
): readonly Requirement[] {
  const line = kubernetesVersion.split(".").slice(0, 2).join(".");
  const type = facts.packageManager === "dnf" ? "rpm" : "deb";
  const from = url ?? `https://pkgs.k8s.io/core:/stable:/v${line}/${type}/`;
  return repository("kubernetes", { url: from, suite, components, key }, facts);
}

/** The project's packages have the revision of the system that they are built on; that of the first build is 1.1. */
function packageVersion(
  { revision }: KubernetesPackagesArgs,
  kubernetesVersion: string,
  { packageManager }: Facts,
): string {
  return `${kubernetesVersion}-${revision ?? (packageManager === "dnf" ? "150500.1.1" : "1.1")}`;
}

/**
 * kubelet, kubeadm and kubectl from the Kubernetes project's package repository, held at their version, ready for
 * kubeadm.
 *
 * @example
 * const args = { repository: { key }, criSocket: "unix:///run/containerd/containerd.sock" };
 * const node = await surveyNode({ ...machine, stages: [Toolkit.stage({}), KubernetesPackages.stage(args)] });
 * const toolkit = new Toolkit("db-1", { node });
 * new KubernetesPackages("db-1", { node }, { dependsOn: toolkit });
 */
export class KubernetesPackages extends StageComponent(kubernetesPackages, "KubernetesPackages") {}
