import { createHash, randomBytes } from "node:crypto";
import { access, type Ownership } from "./files";
import type { Requirement } from "./requirement";

/**
 * Secrets never stand in a requirement. They go to the node in the input of one stage of their own, as the bodies of
 * requirements of kind `secret`; other requirements name them by id and keyed digest. The key is random, known to the
 * node alone and read by the survey, so that neither a preview nor a state is anything to guess a secret with.
 */
export const digestKeyId = "digest-key";

/** A key for a node that has none yet, as 64 hexadecimal digits. */
export const newSecretsKey = (): string => randomBytes(32).toString("hex");

/** The digest by which a secret is named. Key and text each end with a line break, as on the node. */
const digest = (key: string, text: string): string =>
  createHash("sha256")
    .update(`${key}\n${text.replace(/\n$/, "")}\n`)
    .digest("hex");

/** The node has secret `id`. Its text is no part of the requirement: see {@link withSecrets}. */
export const secret = (id: string, text: string, key: string): Requirement => ({
  kind: "secret",
  key: checkedId(id),
  value: `digest=${digest(key, text)}`,
});

/**
 * File `path` has secret `id` as its content. The requirement that the node has it belongs to an earlier stage.
 *
 * @param options its mode is `0600` by default
 * @throws when the path is not absolute and plain, or mode or owner are malformed
 */
export const secretFile = (
  path: string,
  secret: { readonly id: string; readonly text: string; readonly key: string },
  options: Ownership = {},
): Requirement => ({
  kind: "file",
  key: path,
  value: `${access(path, options, "0600")} secret=${checkedId(secret.id)} digest=${digest(secret.key, secret.text)}`,
});

/** The requirements with the texts of those that are secrets: for a stage's input, as a secret. */
export const withSecrets = (
  requirements: readonly Requirement[],
  texts: Readonly<Record<string, string>>,
): readonly Requirement[] =>
  requirements.map((one) => {
    const text = one.kind === "secret" ? texts[one.key] : undefined;
    return text === undefined ? one : { ...one, body: text.replace(/\n$/, "") };
  });

function checkedId(id: string): string {
  if (/^[a-z0-9][a-z0-9.-]{0,62}$/.test(id)) return id;
  throw new Error(`secret ${JSON.stringify(id)} must be named with a-z, 0-9, dot and -`);
}
