import { runtime } from "@pulumi/pulumi";
import { documentedKeys } from "./documentation/keys";
import { formatPath, rootKey, type Path, type Problem } from "./errors";
import { clusterSchema } from "./schema";

/** Names of the keys that the schema calls secret, wherever they stand. Walks the schema: asked for where needed only. */
const secretKeys = (): ReadonlySet<string> =>
  new Set(
    documentedKeys(clusterSchema).flatMap(({ path, secret }) =>
      secret === true ? (path.split(".").at(-1) ?? []) : [],
    ),
  );

/**
 * Secrets that stand in the clear in the stack's file: the engine prints configuration that is not secret in previews,
 * and stacks' files are committed. One value set with `--secret` makes Pulumi treat the whole mapping as secret; what
 * else is in it cannot be told apart any more.
 */
export function plainSecrets(value: unknown): Problem[] {
  // Pulumi's SDK has it, and leaves it out of its types.
  const { isConfigSecret } = runtime as { isConfigSecret?: (key: string) => boolean };
  return isConfigSecret?.(rootKey) === false ? find(value, [], secretKeys()) : [];
}

function find(value: unknown, path: Path, secrets: ReadonlySet<string>): Problem[] {
  if (typeof value !== "object" || value === null) return [];
  const isList = Array.isArray(value);
  return Object.entries(value).flatMap(([name, inner]) => {
    const key = isList ? Number(name) : name;
    return secrets.has(name) && typeof inner === "string"
      ? [problem([...path, key])]
      : find(inner, [...path, key], secrets);
  });
}

const problem = (path: Path): Problem => ({
  path,
  allowed: "is in the clear in the stack's file, and must be a secret",
  remedy: `remove it, change it where it was committed, and set it with pulumi config set --secret --path '${formatPath(path)}'`,
});
