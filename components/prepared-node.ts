import * as pulumi from "@pulumi/pulumi";
import type { NodeContext } from "../plan/stage";
import { holdFirewall } from "./firewall-hold";
import { reportedBy, type ReportedName } from "./node-report";
import type { StageResource, SurveyedNode } from "./surveyed-node";

/** Arguments of a node's component. */
export interface PreparedNodeArgs {
  readonly node: SurveyedNode;
}

/** Its two forms, by the last part of their type. */
const forms = ["WorkerNode", "ControlPlaneNode"] as const;

/**
 * A node that changes its role stays what it is: without the alias the engine would make its stages anew, and then undo
 * them as those of the other role.
 */
const inAnyForm = (opts: pulumi.ComponentResourceOptions = {}): pulumi.ComponentResourceOptions => ({
  ...opts,
  aliases: [...(opts.aliases ?? []), ...forms.map((form) => ({ type: `nodeprep:node:${form}` }))],
});

/**
 * A node with all its stages, each depending on the one before. `WorkerNode` and `ControlPlaneNode` are its two
 * forms; which stages a node has is said when it is surveyed.
 */
export abstract class PreparedNode extends pulumi.ComponentResource {
  readonly context: NodeContext;
  /** What the stages reported at their last apply, all in one. */
  readonly report: pulumi.Output<Readonly<Record<string, string>>>;
  /** In an update: whether all its stages hold, once that is known. */
  readonly holds: Promise<boolean>;
  /** One value that the node says of itself; see `reportedBy`. */
  readonly reported: (name: ReportedName) => pulumi.Output<string | undefined>;

  constructor(
    form: (typeof forms)[number],
    name: string,
    args: PreparedNodeArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super(`nodeprep:node:${form}`, name, {}, inAnyForm(opts));
    this.context = args.node.context;
    const declared = declareStages(name, args.node, this);
    holdFirewall(args.node, declared);
    const stages = [...declared.values()];
    this.holds = Promise.all(stages.map(({ holds }) => holds)).then((all) => all.every(Boolean));
    this.report = pulumi
      .all(stages.map(({ report }) => report))
      .apply((reports) => Object.assign({}, ...reports) as Record<string, string>);
    this.reported = (value) => reportedBy(declared, args.node, value);
    warnIfUnreachable(args.node, this);
    this.registerOutputs({ report: this.report });
  }
}

/** The stages by name, in order. */
function declareStages(
  name: string,
  node: SurveyedNode,
  parent: pulumi.Resource,
): ReadonlyMap<string, StageResource> {
  const declared = new Map<string, StageResource>();
  let before: StageResource | undefined;
  for (const stage of node.stages) {
    const opts = { parent, ...(before ? { dependsOn: before } : {}) };
    before = new stage.component(`${name}-${stage.name}`, { node }, opts);
    declared.set(stage.name, before);
  }
  return declared;
}

function warnIfUnreachable({ survey, context, awaited }: SurveyedNode, resource: pulumi.Resource): void {
  if (awaited) {
    void pulumi.log.info(`${context.name}: its machine is not there yet; an update surveys it`, resource);
  } else if (survey?.reachable === false) {
    const { message, remedy, reason } = survey.error;
    const why = reason === "clone" ? "is refused" : "was not surveyed";
    void pulumi.log.warn(`${context.name} ${why} and is left alone: ${message}. ${remedy}`, resource);
  }
}
