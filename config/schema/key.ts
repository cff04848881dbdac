import { z } from "zod";

/** What a key of the configuration is, for errors and for the documentation. Kept as the schema's metadata. */
export interface KeyDoc {
  /** One or two sentences. */
  readonly description: string;
  /** What is allowed, completing `must be …`. */
  readonly allowed: string;
  /** A value as one writes it in YAML. */
  readonly example?: string;
  /** What holds when the key is absent and the schema has no constant default. */
  readonly fallback?: string;
  readonly unit?: string;
  /** Never shown in an error. */
  readonly secret?: true;
  /** The name for a key that the user chooses, in a mapping. */
  readonly keyName?: string;
}

/** Attaches the documentation to a key's schema. */
export const key = <S extends z.ZodType>(schema: S, doc: KeyDoc): S => schema.meta({ ...doc });

/** The documentation of a schema, whichever of its wrappers (default, optional) carries it. */
export function docOf(schema: z.ZodType): KeyDoc {
  const doc = schema.meta() as KeyDoc | undefined;
  if (doc !== undefined) return doc;
  const inner = innerOf(schema);
  if (inner === undefined) throw new Error(`a schema of type ${schema.type} has no documentation`);
  return docOf(inner);
}

/** The schema inside a default or optional one. */
export function innerOf(schema: z.ZodType): z.ZodType | undefined {
  const wraps =
    schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault || schema instanceof z.ZodOptional;
  return wraps ? (schema.unwrap() as z.ZodType) : undefined;
}

/** The schema without its wrappers. */
export function coreOf(schema: z.ZodType): z.ZodType {
  const inner = innerOf(schema);
  return inner === undefined ? schema : coreOf(inner);
}

/** What is wrong with a text: an own wording instead of the key's `allowed`, an own remedy. */
export interface Fault {
  readonly allowed?: string;
  readonly remedy?: string;
}

/** A text with a check of its own; an empty Fault means "see `allowed` and `example`". */
export const text = (check: (value: string) => Fault | undefined): z.ZodString =>
  z.string().superRefine((value, context) => {
    const fault = check(value);
    if (fault !== undefined) context.addIssue({ code: "custom", params: { ...fault } });
  });

/** The path of a file of the operator's machine. */
export const filePath = /^[^\p{C}\u2028\u2029]{1,1024}$/u;

/** A text that matches a pattern. */
export const pattern = (regex: RegExp): z.ZodString => text((value) => (regex.test(value) ? undefined : {}));
