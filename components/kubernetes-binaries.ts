import { kubernetesPrograms, type KubernetesProgram, type KubernetesSpec } from "../config/release-spec";
import { archive, downloaded } from "../plan/downloads";
import type { StageDefinition } from "../plan/stage";
import { crictlConfig, type CriSocket } from "./crictl";
import { networkTools } from "./kubelet/network-tools";
import { programs, sourceOf } from "./release";
import { StageComponent } from "./stage-component";

/** Arguments of the kubernetes-binaries stage. */
export interface KubernetesBinariesArgs extends KubernetesSpec {
  /** Programs that other stages of the node install, so that their services are restarted with them. */
  readonly elsewhere?: readonly KubernetesProgram[];
  /** Where crictl reaches the runtime. */
  readonly criSocket: CriSocket;
}

/** The stage as a pure function. */
export const kubernetesBinaries: StageDefinition<KubernetesBinariesArgs> = {
  name: "kubernetes-binaries",
  requirements: (args, facts, { kubernetesVersion }) => {
    const names = kubernetesPrograms.filter((name) => args.elsewhere?.includes(name) !== true);
    return [
      ...networkTools(facts),
      ...downloaded([
        ...programs(names, args, kubernetesVersion, facts),
        ...(args.crictl === undefined
          ? []
          : [archive("crictl", "/usr/local/bin", sourceOf("kubernetes.crictl.sha256", args.crictl, facts))]),
      ]),
      ...(args.crictl === undefined ? [] : [crictlConfig(args.criSocket, kubernetesVersion, facts)]),
    ];
  },
};

/**
 * Kubernetes' own programs and crictl, downloaded and checked by their SHA-256, and what they call.
 *
 * @example
 * const args = { url, sha256: { kubectl: { amd64: "9a0c…" } }, criSocket: "unix:///run/containerd/containerd.sock" };
 * const node = await surveyNode({ ...machine, stages: [Toolkit.stage({}), KubernetesBinaries.stage(args)] });
 * const toolkit = new Toolkit("db-1", { node });
 * new KubernetesBinaries("db-1", { node }, { dependsOn: toolkit });
 */
export class KubernetesBinaries extends StageComponent(kubernetesBinaries, "KubernetesBinaries") {}
