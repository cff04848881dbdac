import * as pulumi from "@pulumi/pulumi";
import type { types } from "@pulumi/command";
import type { Facts } from "../plan/facts";
import type { NodeContext, StageDefinition, StageSurvey } from "../plan/stage";
import type { Stage } from "../plan/requirement";
import type { NodeSurvey } from "../survey/types";
import type { Visit } from "../survey/visit";

/** A stage with its arguments, before any fact is known. `X.stage(args)` of a stage's component makes one. */
export interface PlannedStage {
  readonly name: string;
  readonly follows: readonly string[];
  /** Packages and files that the stage wants to know as facts. */
  readonly packages: readonly string[];
  readonly files: readonly string[];
  /** Files that the stage only looks at. */
  readonly glances: readonly string[];
  readonly requirements: (facts: Facts, node: NodeContext) => Stage["requirements"];
  readonly warnings: (facts: Facts, survey: StageSurvey) => readonly string[];
  /** Texts of its requirements of kind `secret`, by id; absent where it has none. */
  readonly secrets?: (facts: Facts) => Readonly<Record<string, string>>;
  /** The component that declares the stage. */
  readonly component: StageClass;
}

/** What every stage's component takes: the node, surveyed with this stage among its stages. */
export interface StageComponentArgs {
  readonly node: SurveyedNode;
}

/** What every stage's component has. */
export interface StageResource extends pulumi.ComponentResource {
  /** What the stage's last apply reported, `name=value` by `name`. */
  readonly report: pulumi.Output<Readonly<Record<string, string>>>;
  /** In an update: whether the stage holds, once that is known. */
  readonly holds: Promise<boolean>;
}

export type StageClass = new (
  name: string,
  args: StageComponentArgs,
  opts?: pulumi.ComponentResourceOptions,
) => StageResource;

/** Binds a stage's arguments to its definition. */
export function plannedStage<Args>(
  definition: StageDefinition<Args>,
  args: Args,
  component: StageClass,
): PlannedStage {
  const asks = definition.asks?.(args);
  const { secrets } = definition;
  return {
    name: definition.name,
    follows: definition.follows ?? [],
    packages: asks?.packages ?? [],
    files: asks?.files ?? [],
    glances: asks?.glances ?? [],
    requirements: (facts, node) => definition.requirements(args, facts, node),
    warnings: (facts, survey) => definition.warnings?.(args, facts, survey) ?? [],
    ...(secrets === undefined ? {} : { secrets: (facts: Facts) => secrets(args, facts) }),
    component,
  };
}

/** A node that the survey has been to (or could not reach), ready to be declared. */
export interface SurveyedNode {
  readonly context: NodeContext;
  /** `org/project/stack/node`: for whom the record on the node is kept. */
  readonly owner: string;
  /** How the provider connects; holds the secrets, as secrets. */
  readonly connection: pulumi.Input<types.input.remote.ConnectionArgs>;
  /** Whether commands go through `sudo -n`. */
  readonly sudo: boolean;
  /** Take the node over from the stack that owns it now. */
  readonly adopt: boolean;
  /** What becomes of the node when it leaves the program: `undo` or `abandon`. */
  readonly retire: "undo" | "abandon";
  /** It may be undone although Pods run on it. */
  readonly undoWithPods: boolean;
  readonly stages: readonly PlannedStage[];
  /** Another look at the node while an update goes on; absent for a node that was not surveyed by this program. */
  readonly visit?: Visit;
  /** Another resource has yet to make the machine: in a preview of the update that surveys it, or where that failed. */
  readonly awaited?: true;
  /** Absent for a node that is to be abandoned, or that is awaited. */
  readonly survey?: NodeSurvey;
}
