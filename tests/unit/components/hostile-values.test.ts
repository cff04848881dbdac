import fc from "fast-check";
import { documentedKeys, type DocumentedKey } from "../../../config/documentation/keys";
import type { Problem } from "../../../config/errors";
import { parseCluster } from "../../../config/load";
import { clusterSchema } from "../../../config/schema";
import { Secret } from "../../../config/secret";
import { config, ed25519, sources } from "../config/fixtures";
import { facts } from "./fixtures";
import { attacks, expectHarmless, hostile, settings } from "./hostile";
import { configurations, from } from "./whole-configurations";

/*
 * What a person, or whoever wrote the file that they pasted from, may put into any text of the configuration: it is
 * refused, or it is carried to the node as it is, and never a part of a command. (What a machine may say of itself is
 * hostile-answers.test.ts.)
 */
type Tree = Record<string | number, unknown>;

/** Where a documented key stands in a configuration, each `<name>` being the first that is there. */
interface Place {
  readonly parent: Tree;
  readonly path: readonly (string | number)[];
}

function placeOf({ path }: DocumentedKey, tree: unknown): Place | undefined {
  const steps = path.split(".").flatMap((step) => (step.endsWith("[]") ? [step.slice(0, -2), 0] : [step]));
  let place: Place = { parent: {}, path: [] };
  let at = tree;
  for (const step of steps) {
    if (typeof at !== "object" || at === null) return undefined;
    const name = String(step).startsWith("<") ? Object.keys(at)[0] : step;
    if (name === undefined || !Object.hasOwn(at, name)) return undefined;
    place = { parent: at as Tree, path: [...place.path, name] };
    at = place.parent[name];
  }
  return place;
}

const copy = (tree: unknown): unknown => JSON.parse(JSON.stringify(tree));
const whole = Object.entries(configurations).map(([name, tree]) => [name, copy(tree)] as const);

/** The configuration that has this key, and with it all that the key needs. */
function configurationWith(key: DocumentedKey): Tree {
  const found = whole.find(([, tree]) => placeOf(key, tree) !== undefined);
  if (found === undefined)
    throw new Error(`no configuration of whole-configurations.ts has ${key.path}: add it`);
  return copy(found[1]) as Tree;
}

/** That configuration with the value in the key's place, or as its name; and where that is. */
function withValue(key: DocumentedKey, value: string, asName: boolean): { tree: Tree } & Pick<Place, "path"> {
  const tree = configurationWith(key);
  const { parent, path } = placeOf(key, tree)!;
  const name = path.at(-1)!;
  const leaf = key.type.startsWith("list") ? [value] : value;
  const property = {
    value: asName ? parent[name] : leaf,
    enumerable: true,
    configurable: true,
    writable: true,
  };
  if (asName) Reflect.deleteProperty(parent, name);
  Object.defineProperty(parent, asName ? value : name, property);
  return { tree, path: asName ? [...path.slice(0, -1), value] : path };
}

/** Every text in it, names and secrets too. */
function textsIn(value: unknown): readonly string[] {
  if (typeof value === "string") return [value];
  if (value instanceof Secret) return [value.reveal()];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => [name, ...textsIn(inner)]);
}

/** What is not there is named where its answer is missed, too: a host key, or another place for the same file. */
const isMissed = (key: DocumentedKey, { path }: Problem): boolean =>
  path.at(-1) === (key.path.endsWith("knownHostsFile") ? "hostKey" : key.path.split(".").at(-1));

const plain = (text: string): string => text.replace(/\s+/g, " ").trim();

/** All else in the configuration is right: a mistake can only be about the value, or else the value is in the plan. */
function expectRefusedOrCarried(key: DocumentedKey, value: string, asName: boolean): void {
  const { tree, path } = withValue(key, value, asName);
  const result = parseCluster(tree, from);
  expectHarmless(result, facts);
  if (result.ok) {
    const carried = textsIn(result.cluster).some((text) => plain(text).includes(plain(value)));
    expect({ value, carried }).toEqual({ value, carried: true });
    return;
  }
  const isAbout = (problem: Problem): boolean => path.every((step, index) => problem.path[index] === step);
  const others = result.problems.filter((problem) => !isAbout(problem));
  expect(others.filter((problem) => !isMissed(key, problem))).toEqual([]);
  if (!key.path.endsWith("knownHostsFile")) expect(others.length).toBeLessThan(result.problems.length);
}

/** Puts hostile texts where the key's value stands, or where the name does that people choose. */
const attack = (asName: boolean) => (_: string, key: DocumentedKey) => {
  fc.assert(
    fc.property(hostile, (value) => expectRefusedOrCarried(key, value, asName)),
    settings,
  );
};

test.each(whole)("the configuration %s is valid, and its stages can be planned", (_, tree) => {
  const result = parseCluster(tree, from);
  expect(result.ok ? [] : result.problems).toEqual([]);
  expect(expectHarmless(result, facts)).toBe("carried");
});

const texts = documentedKeys(clusterSchema).filter(
  ({ type, path, secret }) => /text/.test(type) && !secret && path !== "",
);

test("there are texts to attack", () => expect(texts.length).toBeGreaterThan(20));

test.each(texts.map((key) => [key.path, key] as const))(
  "a hostile %s is refused or carried literally",
  attack(false),
);

const named = documentedKeys(clusterSchema).filter(({ path }) => /<[^>]*>$/.test(path));
test.each(named.map((key) => [key.path, key] as const))(
  "a hostile name in %s is refused or carried literally",
  attack(true),
);

test("the comment of a key is carried to the node as it is, or the key is refused", () => {
  let carried = 0;
  fc.assert(
    fc.property(hostile, (value) => {
      const tree = config({ admin: { name: "kube", authorizedKeys: [`${ed25519} ${value}`] } });
      if (expectHarmless(parseCluster(tree, sources()), facts) === "carried") carried++;
    }),
    { ...settings, numRuns: attacks.length + 40 },
  );
  expect(carried).toBeGreaterThan(5);
});
