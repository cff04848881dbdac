import { minorOf } from "../../config/kubernetes-versions";
import type { KubeletSpec, KubernetesSpec, NodeSpec, SecretId } from "../../config/types";
import type { Facts } from "../../plan/facts";
import { directory, file, writtenByNodeprep } from "../../plan/kinds";
import type { Requirement } from "../../plan/requirement";
import { secretFile } from "../../plan/secrets";
import type { StageDefinition } from "../../plan/stage";
import { runtimeOf, type CgroupDriver, type RuntimeType } from "../container-runtime";
import { programPath, programs } from "../release";
import { StageComponent } from "../stage-component";
import { runningComponent, secretContent } from "./component";
import { endpointIsSettingFrom, kubeletConfig } from "./config";
import { kubeletContents, kubeletFolder, volumePlugins } from "./folder";
import { networkTools } from "./network-tools";
import { otherKubeletFiles, refuseOtherKubelet } from "./other-kubelet";
import { resolvConf, resolvConfFiles } from "./resolv-conf";
import { componentUnit } from "./unit";

/** Arguments of the kubelet stage. */
export interface KubeletArgs extends KubeletSpec {
  readonly runtime: { readonly type: RuntimeType; readonly cgroupDriver: CgroupDriver };
  /** CA, certificate, key and kubeconfig: what stage node-secrets has brought. */
  readonly secrets: NodeSpec["secrets"];
  /** Where the program comes from. Default: it is there. */
  readonly kubernetes?: KubernetesSpec;
  /** The node's name in the kubeconfig's certificate, where it has one. */
  readonly identity?: string;
  /** The machine gets its node's name. Default: it keeps the name that it has. */
  readonly isNamed?: boolean;
}

const kubeconfigPath = `${kubeletFolder}/kubeconfig`;
const configPath = `${kubeletFolder}/kubelet-config.yaml`;
const unit = "kubelet.service";

/** A kubelet from the project's packages gets its arguments from this, before those of any unit: not ours. */
const notKubeadms = file(
  `/etc/systemd/system/${unit}.d/10-kubeadm.conf`,
  `${writtenByNodeprep}# In the place of the file of that name that comes with the package kubeadm.\n`,
);

/** The stage as a pure function. The service comes last and is restarted after any of its files has changed. */
export const kubelet: StageDefinition<KubeletArgs> = {
  name: "kubelet",
  asks: () => ({ files: resolvConfFiles, glances: otherKubeletFiles }),
  warnings: (args, facts, { node }) => [
    ...identityWarning(args, args.isNamed === true ? node.name : facts.hostname.toLowerCase()),
    ...(args.config.resolvConf === undefined && resolvConf(facts).isLocal
      ? [
          "its /etc/resolv.conf names a name server on the node itself, which pods cannot reach, and systemd-resolved has no other: set kubelet.config.resolvConf to a file that names one",
        ]
      : []),
  ],
  requirements: (args, facts, node) => {
    refuseOtherKubelet(facts);
    const runtime = runtimeOf(args.runtime.type);
    const program = programs(["kubelet"], args.kubernetes, node.kubernetesVersion, facts);
    const use = { kubernetesVersion: node.kubernetesVersion, files: facts.files };
    const files = [
      ...secretFiles(args, facts),
      file(
        configPath,
        kubeletConfig(args, {
          cgroupDriver: args.runtime.cgroupDriver,
          criSocket: runtime.criSocket(use),
          resolvConf: resolvConf(facts).path,
          podSubnets: node.podSubnets,
          kubernetesVersion: node.kubernetesVersion,
        }),
      ),
      file(
        `/etc/systemd/system/${unit}`,
        kubeletUnit(runtime.kubeletNeeds?.(use) ?? runtime.units.slice(0, 1), [
          ...endpointArgument(node.kubernetesVersion, runtime.criSocket(use)),
          `--v=${args.logLevel}`,
        ]),
      ),
      notKubeadms,
    ];
    return [
      ...networkTools(facts),
      ...("volumePluginDir" in args.extra ? [] : [volumePlugins]),
      ...runningComponent(unit, directory(kubeletFolder, { contents: kubeletContents }), program, files),
    ];
  },
};

/** A kubelet registers under its machine's name: the one that it will have, where nodeprep names it. */
function identityWarning({ identity, isNamed }: KubeletArgs, name: string): readonly string[] {
  if (identity === undefined || identity === name) return [];
  const [says, remedy] =
    isNamed === true
      ? ["hostNames: managed names it", `Call the node ${identity}`]
      : ["its host name is", "Rename the machine"];
  return [
    `its kubeconfig is for system:node:${identity}, but ${says} ${name}: the API server will refuse the kubelet. ${remedy}, or have a certificate signed for its name`,
  ];
}

function secretFiles({ config, secrets }: KubeletArgs, facts: Facts): readonly Requirement[] {
  const paths: readonly (readonly [string, SecretId])[] = [
    [config.authentication.x509.clientCAFile, "kubelet-ca.crt"],
    [config.tlsCertFile, "kubelet.crt"],
    [config.tlsPrivateKeyFile, "kubelet.key"],
    [kubeconfigPath, "kubelet.kubeconfig"],
  ];
  return paths.map(([path, id]) => secretFile(path, secretContent("the kubelet", secrets, id, facts)));
}

const endpointArgument = (kubernetesVersion: string, criSocket: string): readonly string[] =>
  minorOf(kubernetesVersion) < endpointIsSettingFrom ? [`--container-runtime-endpoint=${criSocket}`] : [];

const kubeletUnit = (requires: readonly string[], more: readonly string[]): string =>
  componentUnit({
    description: "Kubernetes Kubelet",
    requires,
    command: [programPath("kubelet"), `--config=${configPath}`, `--kubeconfig=${kubeconfigPath}`, ...more],
  });

/**
 * The kubelet as a unit of its own, with every file that it needs: Kubernetes the hard way.
 *
 * @example
 * const node = await surveyNode({ ...machine, stages: [Toolkit.stage({}), NodeSecrets.stage({ secrets }), Kubelet.stage({ ...settings, secrets })] });
 * const toolkit = new Toolkit("db-1", { node });
 * const credentials = new NodeSecrets("db-1", { node }, { dependsOn: toolkit });
 * new Kubelet("db-1", { node }, { dependsOn: credentials });
 */
export class Kubelet extends StageComponent(kubelet, "Kubelet") {}
