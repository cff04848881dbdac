import type { NodeSpec, SecretId } from "../../config/types";
import { downloaded } from "../../plan/downloads";
import type { Facts } from "../../plan/facts";
import { service } from "../../plan/kinds";
import { requirementName, type Requirement } from "../../plan/requirement";

/**
 * A component of Kubernetes as a unit of its own: its program, where it is brought, its folder and files, and the
 * service, which is restarted after any of them has changed.
 */
export const runningComponent = (
  unit: string,
  folder: Requirement,
  program: readonly Requirement[],
  files: readonly Requirement[],
): readonly Requirement[] => [
  ...downloaded(program),
  folder,
  ...files,
  service(unit, { restartAfter: [...program, ...files].map(requirementName) }),
];

/** The content of a file that is made of a secret of stage node-secrets. `component` names who needs it in the error. */
export function secretContent(
  component: string,
  secrets: NodeSpec["secrets"],
  id: SecretId,
  { secretsKey }: Facts,
): { readonly id: SecretId; readonly text: string; readonly key: string } {
  const secret = secrets[id];
  if (secret === undefined) throw new Error(`${component} needs the secret ${id}, which it was not given`);
  return { id, text: secret.reveal(), key: secretsKey };
}
