/** A mapping of YAML or JSON, of which nothing is known yet. */
export type Mapping = Readonly<Record<string, unknown>>;

/** Whether a value is a mapping: an object that is no list. */
export const isMapping = (value: unknown): value is Mapping =>
  typeof value === "object" && value !== null && !Array.isArray(value);
