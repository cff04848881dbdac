import type { Facts } from "./facts";
import type { Requirement } from "./requirement";

/** What a stage may know about its node and cluster besides its own arguments. All of it comes from config. */
export interface NodeContext {
  readonly name: string;
  readonly role: "control-plane" | "worker";
  readonly kubernetesVersion: string;
  readonly podCidrs: readonly string[];
  /** The networks of services, one a family; absent where a program has none. */
  readonly serviceCidrs?: readonly string[];
  /** The node's own parts of the pod CIDRs, one a family; empty where it has none. */
  readonly podSubnets: readonly string[];
  /** The node may get another cgroup driver although it has run pods. */
  readonly allowCgroupDriverChange?: boolean;
}

/** What the survey came to for one stage of a node. */
export interface StageSurvey {
  readonly node: NodeContext;
  readonly requirements: readonly Requirement[];
  /** Names (`kind:key`) of those that an apply would change. */
  readonly differing: readonly string[];
}

/** A stage as a pure function: typed arguments and facts in, requirements out. */
export interface StageDefinition<Args> {
  /** Name of the stage on the node and in messages, e.g. `kernel-prereqs`. */
  readonly name: string;
  /** Packages whose versions, and files whose content, the stage needs as facts. From config alone. */
  readonly asks?: (args: Args) => {
    readonly packages?: readonly string[];
    readonly files?: readonly string[];
    /** Files that it only looks at: one that is no regular file counts as absent, and keeps nobody from the node. */
    readonly glances?: readonly string[];
  };
  /** Stages whose every apply must be followed by an apply of this one, e.g. to confirm it. */
  readonly follows?: readonly string[];
  /** What works on this node but is unwise, a sentence each. */
  readonly warnings?: (args: Args, facts: Facts, survey: StageSurvey) => readonly string[];
  readonly requirements: (args: Args, facts: Facts, node: NodeContext) => readonly Requirement[];
  /** Texts of the stage's requirements of kind `secret`, by id. They make its whole input a secret. */
  readonly secrets?: (args: Args, facts: Facts) => Readonly<Record<string, string>>;
}
