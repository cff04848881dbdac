/** Property values as they travel between the engine and a provider: JSON, with marks for what JSON cannot say. */
export type Value = null | boolean | number | string | Value[] | Properties;
export interface Properties {
  [name: string]: Value;
}

const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

/** Stands for a value that is not known before the update. */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** A value that must stay secret wherever the engine keeps or shows it. */
export function secret(value: Value): Properties {
  return { [SIGNATURE]: SECRET, value };
}

export function isProperties(value: Value | undefined): value is Properties {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function isSecret(value: Value | undefined): value is Properties {
  return isProperties(value) && value[SIGNATURE] === SECRET;
}

/** The value without its own secret mark; marks further inside stay. */
export function reveal(value: Value): Value {
  return isSecret(value) ? reveal(value["value"] ?? null) : value;
}

/** The value without any secret marks: to be used, never to be returned. */
export function revealAll(value: Value): Value {
  const open = reveal(value);
  if (Array.isArray(open)) return open.map(revealAll);
  if (!isProperties(open)) return open;
  return Object.fromEntries(Object.entries(open).map(([name, inner]) => [name, revealAll(inner)]));
}

/** Applies a change to the value inside a secret mark, and keeps the mark. */
export function within(value: Value, change: (open: Value) => Value): Value {
  return isSecret(value) ? secret(within(value["value"] ?? null, change)) : change(value);
}
