import { z } from "zod";
import {
  isProperties,
  isSecret,
  revealAll,
  secret,
  UNKNOWN,
  within,
  type Properties,
  type Value,
} from "./properties";

/** Those of Pulumi's own provider. */
const defaults = { port: 22, user: "root", dialErrorLimit: 10, perDialTimeout: 15 };

/** Where and how to log in. */
const hop = {
  host: z.string(),
  port: z.number().default(defaults.port),
  user: z.string().default(defaults.user),
  password: z.string().optional(),
  privateKey: z.string().optional(),
  privateKeyPassword: z.string().optional(),
  agentSocketPath: z.string().optional(),
  hostKey: z.string().optional(),
  /** Failed dials that are retried; -1 for no limit. */
  dialErrorLimit: z.number().default(defaults.dialErrorLimit),
  /** Seconds for one dial and its handshake; 0 for no limit. */
  perDialTimeout: z.number().default(defaults.perDialTimeout),
};
const hopSchema = z.object(hop);
const connectionSchema = z.object({ ...hop, proxy: hopSchema.optional() });

const inputsSchema = z.object({
  connection: connectionSchema,
  create: z.string().optional(),
  update: z.string().optional(),
  delete: z.string().optional(),
  stdin: z.string().optional(),
  logging: z.enum(["stdout", "stderr", "stdoutAndStderr", "none"]).optional(),
  environment: z.record(z.string(), z.string()).optional(),
  addPreviousOutputInEnv: z.boolean().optional(),
  triggers: z.array(z.unknown()).optional(),
});

export type Hop = z.infer<typeof hopSchema>;
export type Connection = z.infer<typeof connectionSchema>;
export type Inputs = z.infer<typeof inputsSchema>;

/** The inputs to work with, without marks. Throws where `check` would have found a failure. */
export function readInputs(properties: Properties): Inputs {
  return inputsSchema.parse(withoutNulls(revealAll(properties)));
}

export interface Failure {
  readonly property: string;
  readonly reason: string;
}

/** What is wrong with the inputs of a resource; what is not known yet passes. */
export function findFailures(properties: Properties): Failure[] {
  const result = inputsSchema.safeParse(withoutNulls(revealAll(properties)));
  if (result.success) return [];
  return result.error.issues
    .filter((issue) => !isUnknownAt(properties, issue.path))
    .map((issue) => ({ property: issue.path.join("."), reason: issue.message }));
}

/** The inputs as the engine shall keep them: defaults of the connection filled in, the connection a secret. */
export function complete(properties: Properties): Properties {
  const connection = properties["connection"];
  if (connection === undefined) return properties;
  const filled = within(connection, (open) => {
    if (!isProperties(open)) return open;
    const proxy = open["proxy"];
    return { ...defaults, ...open, ...(proxy ? { proxy: within(proxy, withDefaults) } : {}) };
  });
  return { ...properties, connection: isSecret(filled) ? filled : secret(filled) };
}

function withDefaults(value: Value): Value {
  return isProperties(value) ? { ...defaults, ...value } : value;
}

function isUnknownAt(properties: Properties, path: readonly PropertyKey[]): boolean {
  let value: unknown = revealAll(properties);
  for (const step of path) {
    if (value === UNKNOWN) return true;
    value =
      typeof value === "object" && value !== null ? (value as Record<PropertyKey, unknown>)[step] : undefined;
  }
  return value === UNKNOWN;
}

/** In a request, null means that nothing was given. */
function withoutNulls(value: Value): Value {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (!isProperties(value)) return value;
  const given = Object.entries(value).filter(([, inner]) => inner !== null);
  return Object.fromEntries(given.map(([name, inner]) => [name, withoutNulls(inner)]));
}
