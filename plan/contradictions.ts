import { requirementName, type Requirement, type Stage } from "./requirement";

/**
 * Refuses two values of one requirement on a node: each apply would undo the other's, and the node drift for ever.
 *
 * @throws Error that names the requirement, both stages, and what to do
 */
export function refuseContradictions(stages: readonly Stage[]): void {
  const first = new Map<string, { readonly stage: string; readonly requirement: Requirement }>();
  for (const { name: stage, requirements } of stages)
    for (const requirement of requirements) {
      const name = requirementName(requirement);
      const other = first.get(name);
      if (other === undefined) first.set(name, { stage, requirement });
      else if (!isSame(other.requirement, requirement))
        throw new Error(
          `${name} would have two values on this node, ${shown(other.requirement)} of stage ${other.stage} and ` +
            `${shown(requirement)} of stage ${stage}: change the setting that one of them comes from (a sysctl, ` +
            "the name of a file, a path)",
        );
    }
}

const isSame = (one: Requirement, other: Requirement): boolean =>
  one.value === other.value && one.body === other.body;

/** Bodies are long, and what differs in them is in the preview of each stage. */
const shown = ({ value, body }: Requirement): string =>
  body === undefined ? `"${value}"` : `"${value}" with a content of its own`;
