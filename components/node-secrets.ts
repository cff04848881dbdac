import type { Secret } from "../config/secret";
import { digestKeyId, secret } from "../plan/secrets";
import type { StageDefinition } from "../plan/stage";
import { StageComponent } from "./stage-component";

/** Arguments of the node-secrets stage. */
export interface NodeSecretsArgs {
  /** Texts by id: what other stages' files are made of. */
  readonly secrets: Readonly<Record<string, Secret>>;
}

const texts = ({ secrets }: NodeSecretsArgs): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(secrets).map(([id, one]) => [id, one.reveal()]));

/** The stage as a pure function. The key comes first: everything else is compared with it. */
export const nodeSecrets: StageDefinition<NodeSecretsArgs> = {
  name: "node-secrets",
  requirements: (args, { secretsKey }) =>
    Object.entries({ [digestKeyId]: secretsKey, ...texts(args) }).map(([id, text]) =>
      secret(id, text, secretsKey),
    ),
  secrets: (args, { secretsKey }) => ({ [digestKeyId]: secretsKey, ...texts(args) }),
};

/**
 * The node's secrets are on it, in its record, for root alone. They travel in this stage's input, which is a secret as
 * a whole; the stages after it name them by id and keyed digest, so that their own input can be read in a preview.
 *
 * @example
 * const secrets = { "kubelet.key": new Secret(privateKey) };
 * const node = await surveyNode({ ...machine, stages: [Toolkit.stage({}), NodeSecrets.stage({ secrets })] });
 * const toolkit = new Toolkit("db-1", { node });
 * new NodeSecrets("db-1", { node }, { dependsOn: toolkit });
 */
export class NodeSecrets extends StageComponent(nodeSecrets, "NodeSecrets") {}
