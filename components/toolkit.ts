import type { StageDefinition } from "../plan/stage";
import { toolkitPath, toolkitScript } from "../toolkit/script";
import { StageComponent } from "./stage-component";

/** The stage as a pure function: the toolkit is on the node, whole and unchanged. */
export const toolkit: StageDefinition<Record<string, never>> = {
  name: "toolkit",
  requirements: () => [{ kind: "toolkit", key: toolkitPath, value: `sha256=${toolkitScript().sha256}` }],
};

/**
 * The toolkit on the node, the first stage of every node. An update's survey brings it to a node that lacks it,
 * compressed; the stage installs it. Deleting the stage undoes whatever is still on record, then removes record and
 * toolkit.
 *
 * @example
 * const node = await surveyNode({ ...machine, stages: [Toolkit.stage({}), Swap.stage({})] });
 * const toolkit = new Toolkit("db-1", { node });
 * new Swap("db-1", { node }, { dependsOn: toolkit });
 */
export class Toolkit extends StageComponent(toolkit, "Toolkit") {}
