import { refuseContradictions } from "../plan/contradictions";
import type { Facts } from "../plan/facts";
import type { Stage } from "../plan/requirement";
import type { NodeContext } from "../plan/stage";
import type { PlannedStage } from "./surveyed-node";

/**
 * The stages of a node with their requirements.
 *
 * @throws Error where the node cannot have them: says what was found, what is allowed and the remedy
 */
export function planNode(
  stages: readonly Pick<PlannedStage, "name" | "requirements">[],
  facts: Facts,
  context: NodeContext,
): readonly Stage[] {
  const all = stages.map(({ name, requirements }) => ({ name, requirements: requirements(facts, context) }));
  refuseContradictions(all);
  return all;
}
