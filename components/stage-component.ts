import * as pulumi from "@pulumi/pulumi";
import type { StageDefinition } from "../plan/stage";
import { printable } from "../survey/text";
import { settled, succeeded } from "./settled";
import { stageCommand } from "./stage-command";
import {
  plannedStage,
  type PlannedStage,
  type StageClass,
  type StageComponentArgs,
  type StageResource,
} from "./surveyed-node";

/** A stage's component class, which also makes the planned stage for the survey. */
export interface PlannableStageClass<Args> extends StageClass {
  /** The stage with its arguments, for `surveyNode`. */
  stage(args: Args): PlannedStage;
}

/**
 * The base class of a stage's component: a ComponentResource with one remote Command.
 *
 * @param definition the stage as a pure function
 * @param type the last part of the component's type, `nodeprep:stage:<type>`
 */
export function StageComponent<Args>(
  definition: StageDefinition<Args>,
  type: string,
): PlannableStageClass<Args> {
  return class extends pulumi.ComponentResource implements StageResource {
    readonly report: pulumi.Output<Readonly<Record<string, string>>>;
    readonly holds: Promise<boolean>;

    static stage(args: Args): PlannedStage {
      return plannedStage(definition, args, this);
    }

    constructor(name: string, args: StageComponentArgs, opts?: pulumi.ComponentResourceOptions) {
      super(`nodeprep:stage:${type}`, name, {}, opts);
      const command = stageCommand(name, args.node, definition.name, this);
      this.holds = succeeded(command.stdout);
      this.report = settled(command.stdout, "").apply(parseReport);
      this.registerOutputs({ report: this.report });
    }
  };
}

/** What a node says of itself becomes outputs, which are shown: clean, like all other text of a node. */
function parseReport(stdout: string): Record<string, string> {
  const pairs = [...stdout.matchAll(/^([A-Za-z][A-Za-z.]*)=(.*)$/gm)];
  return Object.fromEntries(pairs.map(([, name, value]) => [name ?? "", printable(value ?? "")]));
}
