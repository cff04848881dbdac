import { z } from "zod";
import { formatPath, rootKey, show, showKey, type Path, type Problem } from "./errors";
import { isMapping, type Mapping } from "./mapping";
import { nearest } from "./nearest";
import { coreOf, docOf, type Fault } from "./schema/key";

/** What came of checking one value: its valid part with defaults, and the mistakes in it. */
export interface Checked {
  readonly draft: unknown;
  readonly problems: readonly Problem[];
}

/**
 * Checks a value against a schema key by key, so that one mistake hides no other: what is valid is in the draft.
 * A key without a value (`null`) counts as absent.
 */
export function check(schema: z.ZodType, value: unknown, path: Path = []): Checked {
  if (value === null) return check(schema, undefined, path);
  const element = mappingsIn(schema);
  if (element !== undefined && Array.isArray(value)) return checkList(element, value, path);
  const core = mappingIn(schema, value);
  // an absent section is as good as an empty one where its default is
  const given = value === undefined && schema instanceof z.ZodPrefault ? {} : value;
  if (core === undefined || given === undefined) return checkLeaf(schema, given, path);
  if (!isMapping(given)) return { draft: undefined, problems: [wrongKind(schema, given, path)] };
  return core instanceof z.ZodObject ? checkObject(core, given, path) : checkRecord(core, given, path);
}

/** The object or record schema that is meant, where one is: of a union, the part for mappings. */
function mappingIn(schema: z.ZodType, value: unknown): z.ZodObject | z.ZodRecord | undefined {
  const core = coreOf(schema);
  if (core instanceof z.ZodObject || core instanceof z.ZodRecord) return core;
  if (!(core instanceof z.ZodUnion) || !isMapping(value)) return undefined;
  return core.options
    .map((option) => mappingIn(option as z.ZodType, value))
    .find((found) => found !== undefined);
}

/** What is in a list that may hold mappings; other lists are checked as a whole. */
function mappingsIn(schema: z.ZodType): z.ZodType | undefined {
  const core = coreOf(schema);
  const element = core instanceof z.ZodArray ? (core.element as z.ZodType) : undefined;
  return element !== undefined && mappingIn(element, {}) !== undefined ? element : undefined;
}

function checkList(element: z.ZodType, value: readonly unknown[], path: Path): Checked {
  const parts = value.map((item, index) => check(element, item, [...path, index]));
  return {
    // with holes: what is said of the others names their places
    draft: parts.map(({ draft }) => draft),
    problems: parts.flatMap(({ problems }) => problems),
  };
}

function checkObject(schema: z.ZodObject, value: Mapping, path: Path): Checked {
  const known = Object.keys(schema.shape);
  const unknown = Object.keys(value).filter((name) => !known.includes(name));
  const parts = known.map((name) => ({
    name,
    // only own keys: `constructor` and the like are on every object
    ...check(schema.shape[name] as z.ZodType, Object.hasOwn(value, name) ? value[name] : undefined, [
      ...path,
      name,
    ]),
  }));
  return joined(
    parts,
    unknown.map((name) => unknownKey(name, known, path)),
  );
}

function checkRecord(schema: z.ZodRecord, value: Mapping, path: Path): Checked {
  const parts = Object.keys(value).map((name) => {
    const named = leafProblems(schema.keyType as z.ZodType, name, [...path, name]);
    const { draft, problems } = check(schema.valueType as z.ZodType, value[name], [...path, name]);
    return { name, draft, problems: [...named, ...problems] };
  });
  return joined(parts, []);
}

function joined(parts: readonly (Checked & { readonly name: string })[], own: readonly Problem[]): Checked {
  const valid = parts
    .filter((part) => part.draft !== undefined)
    .map(({ name, draft }) => [name, draft] as const);
  return { draft: Object.fromEntries(valid), problems: [...own, ...parts.flatMap((part) => part.problems)] };
}

function unknownKey(name: string, known: readonly string[], path: Path): Problem {
  const meant = nearest(name, known);
  return {
    path: [...path, name],
    allowed: "is not a known key",
    remedy: meant === undefined ? `remove it; known here are ${known.join(", ")}` : `did you mean ${meant}?`,
  };
}

function checkLeaf(schema: z.ZodType, value: unknown, path: Path): Checked {
  const problems = leafProblems(schema, value, path);
  return { draft: problems.length > 0 ? undefined : schema.parse(value), problems };
}

function leafProblems(schema: z.ZodType, value: unknown, path: Path): readonly Problem[] {
  const result = schema.safeParse(value);
  return result.success ? [] : result.error.issues.map((issue) => leafProblem(schema, value, path, issue));
}

function leafProblem(schema: z.ZodType, value: unknown, path: Path, issue: z.core.$ZodIssue): Problem {
  const index = issue.path[0];
  const core = coreOf(schema);
  if (typeof index === "number" && core instanceof z.ZodArray && Array.isArray(value))
    return leafProblem(core.element as z.ZodType, value[index], [...path, index], { ...issue, path: [] });
  if (value === undefined) return missing(schema, path);
  const fault: Fault & { readonly value?: string } = issue.code === "custom" ? (issue.params ?? {}) : {};
  const doc = docOf(schema);
  return {
    path,
    value: doc.secret === true ? "[secret]" : show(fault.value ?? value),
    allowed: fault.allowed ?? `${isA(value, issue)}must be ${doc.allowed}`,
    remedy: fault.remedy ?? remedy(schema, value, path, issue),
  };
}

const isWrongType = (issue: z.core.$ZodIssue): boolean =>
  issue.code === "invalid_type" && issue.expected !== "int";

const isA = (value: unknown, issue: z.core.$ZodIssue): string =>
  isWrongType(issue) && typeof value !== "object" ? `is a ${kindOf(value)}, ` : "";

const kindOf = (value: unknown): string =>
  typeof value === "string" ? "text" : typeof value === "boolean" ? "truth value" : typeof value;

function remedy(schema: z.ZodType, value: unknown, path: Path, issue: z.core.$ZodIssue): string {
  const { example, secret } = docOf(schema);
  if (secret === true) return `set it with \`pulumi config set --secret --path '${formatPath(path)}'\``;
  if (isWrongType(issue) && typeof value === "number" && schema.safeParse(String(value)).success)
    return "put it in quotes";
  return example === undefined ? "correct it" : `for example ${example}`;
}

function missing(schema: z.ZodType, path: Path): Problem {
  const { allowed, example } = docOf(schema);
  const name = path.length === 0 ? rootKey : showKey(path.at(-1) ?? "");
  return {
    path,
    allowed: `is missing, must be ${allowed}`,
    remedy: `add it, for example \`${name}: ${example ?? "…"}\``,
  };
}

// what stands in a mapping's place is not echoed: `bastion: user:password@host` would show a password
function wrongKind(schema: z.ZodType, value: unknown, path: Path): Problem {
  const seen = Array.isArray(value) ? "a list" : `a ${kindOf(value)}`;
  const { allowed, example } = docOf(schema);
  return {
    path,
    allowed: `is ${seen}, must be ${allowed}`,
    remedy: `for example \`${example ?? "name: value"}\``,
  };
}
