import type { Secret } from "../../config/secret";
import { requirementName, type Requirement } from "../../plan/requirement";
import type { StageDefinition } from "../../plan/stage";
import { podInterfacesUnmanaged } from "../network-manager";
import { StageComponent } from "../stage-component";
import {
  cgroupDriverWarnings,
  checkCgroupDriver,
  checkCgroupDriverChange,
  restartWarnings,
  allAsks,
  versionsOf,
} from "./guards";
import { checkVersions, refuseVersions } from "./version-checks";
import { containerd } from "./containerd";
import { crio } from "./cri-o";
import { docker } from "./docker";
import { mirantis } from "./mirantis";
import { refuseOtherClusters } from "./other-clusters";
import { sourceRequirements } from "./sources";
import type { ContainerRuntimeArgs, Runtime, RuntimeType } from "./types";

export type {
  CgroupDriver,
  ContainerRuntimeArgs,
  Runtime,
  RuntimeSource,
  RuntimeType,
  RuntimeUse,
} from "./types";

/** Every runtime is a file of its own; this is where it is entered. */
export const runtimes: Readonly<Record<RuntimeType, Runtime>> = {
  containerd,
  docker,
  "cri-o": crio,
  mirantis,
};

/** The runtime of a type. */
export const runtimeOf = (type: RuntimeType): Runtime => runtimes[type];

/** What of a runtime goes to the nodes as secrets, by id. */
export const runtimeSecrets = (args: ContainerRuntimeArgs): Readonly<Record<string, Secret>> =>
  runtimeOf(args.type).secrets?.(args) ?? {};

/** A package may be needed for two reasons. */
function once(all: readonly Requirement[]): readonly Requirement[] {
  const names = all.map(requirementName);
  return all.filter((one, index) => names.indexOf(requirementName(one)) === index);
}

/** The stage as a pure function. */
export const containerRuntime: StageDefinition<ContainerRuntimeArgs> = {
  name: "container-runtime",
  asks: (args) => allAsks(runtimes, args),
  warnings: (args, facts, survey) => [
    ...cgroupDriverWarnings(args.cgroupDriver, facts, survey.node),
    ...restartWarnings(runtimes, args.type, facts, survey),
    ...(runtimeOf(args.type).warnings?.(args, facts, survey) ?? []),
    ...checkVersions(versionsOf(runtimeOf(args.type), args, facts), survey.node).warned,
  ],
  requirements: (args, facts, node) => {
    const runtime = runtimeOf(args.type);
    refuseOtherClusters(runtimes, args, facts, node.kubernetesVersion);
    checkCgroupDriver(args.cgroupDriver, facts);
    checkCgroupDriverChange(args.cgroupDriver, facts, node);
    refuseVersions(versionsOf(runtime, args, facts), node);
    const usual = runtime.repository?.(args, facts, node);
    return once([
      // every node has this stage, whoever brings its network; before a runtime that could make interfaces
      ...podInterfacesUnmanaged(facts),
      ...sourceRequirements(args, usual, facts),
      ...runtime.requirements(args, facts, node),
    ]);
  },
};

/**
 * The container runtime: installed, configured, running, with one cgroup driver.
 *
 * @example
 * const runtime = { type: "containerd", source: "distribution", cgroupDriver: "systemd", sandboxImage: "registry.k8s.io/pause:3.10.1" } as const;
 * const node = await surveyNode({ ...machine, stages: [Toolkit.stage({}), ContainerRuntime.stage(runtime)] });
 * const toolkit = new Toolkit("db-1", { node });
 * new ContainerRuntime("db-1", { node }, { dependsOn: toolkit });
 */
export class ContainerRuntime extends StageComponent(containerRuntime, "ContainerRuntime") {}
