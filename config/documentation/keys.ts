import { z } from "zod";
import { coreOf, docOf, innerOf, type KeyDoc } from "../schema/key";

/** One key of the configuration as the documentation shows it. */
export interface DocumentedKey extends KeyDoc {
  /** From `nodeprep:cluster` on, keys that the user chooses in angle brackets: `nodes.<name>.host`. */
  readonly path: string;
  readonly type: string;
  readonly required: boolean;
  /** The default as one writes it in YAML, or in words; absent where there is none. */
  readonly default?: string;
  /** What each name in a mapping, or each element of a list, must be; absent where the schema does not say. */
  readonly each?: string;
}

/** All keys below a schema, in its order, mappings before what is in them. */
export function documentedKeys(schema: z.ZodType, path = ""): readonly DocumentedKey[] {
  const core = coreOf(schema);
  if (core instanceof z.ZodObject)
    return Object.entries(core.shape).flatMap(([name, inner]) =>
      withInner(inner as z.ZodType, join(path, name)),
    );
  if (core instanceof z.ZodUnion)
    return core.options.flatMap((part) => documentedKeys(part as z.ZodType, path));
  if (core instanceof z.ZodArray) return documentedKeys(core.element as z.ZodType, `${path}[]`);
  if (!(core instanceof z.ZodRecord)) return [];
  const chosen = `<${docOf(schema).keyName ?? "name"}>`;
  return withInner(core.valueType as z.ZodType, join(path, chosen));
}

const withInner = (schema: z.ZodType, path: string): readonly DocumentedKey[] => [
  documented(schema, path),
  ...documentedKeys(schema, path),
];

const join = (path: string, name: string): string => (path === "" ? name : `${path}.${name}`);

function documented(schema: z.ZodType, path: string): DocumentedKey {
  const doc = docOf(schema);
  const fallback = defaultOf(schema) ?? doc.fallback;
  const each = eachOf(coreOf(schema));
  return {
    ...doc,
    path,
    type: typeName(schema),
    required: !schema.safeParse(undefined).success && !path.endsWith(">"),
    ...(fallback === undefined ? {} : { default: fallback }),
    ...(each === undefined ? {} : { each }),
  };
}

/** Mappings and other lists below have entries of their own. */
function eachOf(core: z.ZodType): string | undefined {
  if (core instanceof z.ZodRecord) return docIfAny(core.keyType as z.ZodType)?.allowed;
  if (!(core instanceof z.ZodArray)) return undefined;
  const element = core.element as z.ZodType;
  return coreOf(element) instanceof z.ZodObject ? undefined : docIfAny(element)?.allowed;
}

const docIfAny = (schema: z.ZodType): KeyDoc | undefined => schema.meta() as KeyDoc | undefined;

/** The schema's constant default as YAML, in backquotes. */
function defaultOf(schema: z.ZodType): string | undefined {
  if (schema instanceof z.ZodDefault) return `\`${yaml(schema.def.defaultValue)}\``;
  const inner = innerOf(schema);
  return inner === undefined ? undefined : defaultOf(inner);
}

const yaml = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));

function typeName(schema: z.ZodType): string {
  const core = coreOf(schema);
  if (core instanceof z.ZodObject || core instanceof z.ZodRecord) return "mapping";
  if (core instanceof z.ZodArray) return `list of ${plural(typeName(core.element as z.ZodType))}`;
  if (core instanceof z.ZodNumber) return "number";
  if (core instanceof z.ZodBoolean || (core instanceof z.ZodLiteral && core.value === true)) return "boolean";
  if (core instanceof z.ZodUnion) return core.options.map((part) => typeName(part as z.ZodType)).join(" or ");
  return "text";
}

const plural = (name: string): string => name.replace(/\w+( or |$)/g, (word) => word.replace(/^\w+/, "$&s"));
