import type { CniType, ReleaseSpec } from "../config/types";
import { isIPv6Cidr } from "../config/cidr";
import { archive, downloaded } from "../plan/downloads";
import type { Facts } from "../plan/facts";
import { directory, file, firstConfig, links, pkg } from "../plan/kinds";
import type { Requirement } from "../plan/requirement";
import type { NodeContext, StageDefinition } from "../plan/stage";
import { cniBinDir, cniConfDir } from "./container-runtime/cni";
import { podMasquerade } from "./pod-masquerade";
import { sourceOf } from "./release";
import { StageComponent } from "./stage-component";

/** Arguments of the cni stage. */
export interface CniArgs {
  /** The plugin that the cluster uses. `bridge` is configured here, the others where they are deployed. */
  readonly type: CniType;
  /** `distribution`: the distribution's package, linked into `binDir`. `release`: downloaded, or pushed. `provided`: they are there already. */
  readonly plugins: "distribution" | "release" | "provided";
  /** With `plugins: release`: the project's archive. */
  readonly release?: ReleaseSpec;
  /** Default `/opt/cni/bin`. */
  readonly binDir?: string;
  /** Default `/etc/cni/net.d`. */
  readonly confDir?: string;
}

/** The stage as a pure function. */
export const cni: StageDefinition<CniArgs> = {
  name: "cni",
  requirements: (args, facts, node) => {
    const { binDir = cniBinDir, confDir = cniConfDir } = args;
    return [
      ...[...parents(binDir), ...parents(confDir)].map((path) => directory(path)),
      ...(args.plugins === "distribution" ? distributionPlugins(binDir, facts) : []),
      ...(args.plugins === "release" ? releasedPlugins(binDir, args.release, facts) : []),
      ...(args.type === "bridge" ? bridge(confDir, node, cniVersions[args.plugins]) : []),
    ];
  },
};

/** A folder and the one that it is in: both may be missing on a bare machine. */
const parents = (path: string): readonly string[] => {
  const parent = path.slice(0, path.lastIndexOf("/"));
  return parent.lastIndexOf("/") > 0 ? [parent, path] : [path];
};

/**
 * The distributions' package has the same name everywhere, and a folder of its own. From RHEL 10 on it is gone (Red Hat,
 * Considerations in adopting RHEL 10, 5. Containers).
 */
function distributionPlugins(binDir: string, facts: Facts): readonly Requirement[] {
  const { packageManager, osId, osVersion, osName } = facts;
  if (packageManager === "dnf" && osId !== "fedora" && Number.parseInt(osVersion, 10) >= 10)
    throw new Error(
      `cni.plugins is distribution, but ${osName} has no package containernetworking-plugins (it left RHEL with version ` +
        "10): use cni.plugins: release",
    );
  const folder = packageManager === "dnf" ? "/usr/libexec/cni" : "/usr/lib/cni";
  return [
    pkg("containernetworking-plugins", { early: true }),
    ...(folder === binDir ? [] : [links(binDir, folder)]),
  ];
}

/** The whole set, not only what the bridge needs: other networks build upon it. */
function releasedPlugins(
  binDir: string,
  release: ReleaseSpec | undefined,
  facts: Facts,
): readonly Requirement[] {
  if (release === undefined) throw new Error("cni.plugins is release, but cni.release is missing");
  return downloaded([archive("cni-plugins", binDir, sourceOf("cni.release", release, facts))]);
}

/** The version of the configuration: the plugins of Debian 11 and of Ubuntu until 22.04 are older than 1.0 and read no later. */
const cniVersions = { distribution: "0.4.0", release: "1.0.0", provided: "0.4.0" } as const;

/** The runtime takes the first file in the folder; the loopback file is for those that look it up by name. */
function bridge(
  confDir: string,
  { name, role, podSubnets, podCidrs }: NodeContext,
  cniVersion: string,
): readonly Requirement[] {
  // a control plane without pods of its own needs no network for them
  if (podSubnets.length === 0 && role === "control-plane") return [];
  if (podSubnets.length === 0)
    throw new Error(`cni.type is bridge, but node ${name} has no podSubnet to give pods addresses from`);
  const path = `${confDir}/10-bridge.conf`;
  return [
    // Where the plugins note which addresses they gave away.
    directory("/var/lib/cni", { contents: ["networks", "results"] }),
    file(path, json({ cniVersion, ...bridgeConfig(podSubnets) })),
    file(`${confDir}/99-loopback.conf`, json({ cniVersion: "1.1.0", name: "lo", type: "loopback" })),
    firstConfig(path, gatewayOf(podSubnets)),
    ...podMasquerade(podSubnets, podCidrs),
  ];
}

/** One range a family, each with its way out. */
const bridgeConfig = (subnets: readonly string[]): object => ({
  name: "bridge",
  type: "bridge",
  bridge: "cni0",
  isGateway: true,
  ipMasq: true,
  ipam: {
    type: "host-local",
    ranges: subnets.map((subnet) => [{ subnet }]),
    routes: subnets.map((subnet) => ({ dst: isIPv6Cidr(subnet) ? "::/0" : "0.0.0.0/0" })),
  },
});

/**
 * What the plugin gives to the bridge: the first address of the IPv4 range. Of IPv6 it may have several, so a change is no
 * matter there.
 */
function gatewayOf(subnets: readonly string[]): { readonly gateway?: string } {
  const subnet = subnets.find((one) => !isIPv6Cidr(one));
  if (subnet === undefined) return {};
  const [network = "", length = ""] = subnet.split("/");
  return { gateway: `${network.replace(/\d+$/, (last) => String(Number(last) + 1))}/${length}` };
}

const json = (value: object): string => `${JSON.stringify(value, null, 2)}\n`;

/**
 * The CNI plugins are on the node, and where the cluster uses the bridge plugin, configured for the node's own part of
 * the pod network.
 *
 * @example
 * const stages = [Toolkit.stage({}), Cni.stage({ type: "bridge", plugins: "distribution" })];
 * const node = await surveyNode({ ...machine, stages });
 * const toolkit = new Toolkit("db-1", { node });
 * new Cni("db-1", { node }, { dependsOn: toolkit });
 */
export class Cni extends StageComponent(cni, "Cni") {}
