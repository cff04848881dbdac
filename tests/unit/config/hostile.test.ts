import fc from "fast-check";
import { formatProblems, show } from "../../../config/errors";
import { parseCluster } from "../../../config/load";
import { editDistance, nearest } from "../../../config/nearest";
import { clusterSchema } from "../../../config/schema";
import { config, sources } from "./fixtures";

const attacks = [
  "__proto__",
  "constructor",
  "toString",
  "",
  " ",
  "\0",
  "\u001b[2J",
  "\u202e",
  "${x}",
  "$(id)",
  "`id`",
  "'; id; '",
  '"; id; "',
  "a\nb",
  "a".repeat(100_000),
  "\ud800",
];
const nasty = fc.constantFrom(...attacks);
const keys = fc.oneof(
  nasty,
  fc.constantFrom(
    ...Object.keys(clusterSchema.shape),
    "host",
    "port",
    "role",
    "podSubnet",
    "hostKey",
    "bastion",
    "type",
  ),
  fc.string(),
);
const leaves = fc.oneof(
  nasty,
  fc.string(),
  fc.double(),
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
  fc.constantFrom("10.0.0.0/8", "worker", "root"),
);
const { anything } = fc.letrec<{ anything: unknown }>((tie) => ({
  anything: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    leaves,
    fc.array(tie("anything"), { maxLength: 4 }),
    fc.dictionary(keys, tie("anything"), { maxKeys: 6 }),
  ),
}));

/** The value as it would come out of JSON, where `__proto__` is a key like any other. */
const fromJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

test("nothing in the input makes the loader throw, and every error is one printable line", () => {
  fc.assert(
    fc.property(anything, (value) => {
      const result = parseCluster(fromJson(value), sources());
      if (result.ok) return;
      const lines = formatProblems(result.problems).split("\n");
      expect(lines).toHaveLength(result.problems.length + 1);
      expect([...lines, ...result.warnings].join("")).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/u);
    }),
    { numRuns: 500 },
  );
});

test("nor in any one key of a valid configuration", () => {
  const names = Object.keys(clusterSchema.shape);
  const examples = names.flatMap((place) => attacks.map((text): [string, unknown] => [place, text]));
  fc.assert(
    fc.property(fc.constantFrom(...names), anything, (place, value) => {
      parseCluster(config(fromJson({ [place]: value }) as Record<string, unknown>), sources());
    }),
    { examples, numRuns: examples.length + 500 },
  );
});

test("a very deep value is no stack overflow", () => {
  const deep: unknown = JSON.parse(`${'{"nodes":'.repeat(5000)}1${"}".repeat(5000)}`);
  expect(parseCluster(deep, sources()).ok).toBe(false);
});

test("no secret is in an error, wherever the mistake is", () => {
  const secret = fc.stringMatching(/^[a-z]{12}$/);
  const holder = fc.constantFrom("password", "passphrase", "privateKey");
  const wrap = fc.constantFrom<(s: string) => unknown>(
    (s) => s,
    (s) => [s],
    (s) => ({ secure: s }),
    (s) => `${s}\n${s}`,
  );
  fc.assert(
    fc.property(secret, holder, wrap, anything, (text, key, as, other) => {
      const section = { [key]: as(text), port: other };
      const mirrors = { "docker.io": [section, { url: other, ...section }] };
      const value = {
        ssh: { ...section, bastion: section },
        nodes: { a: { ssh: section } },
        runtime: { registryMirrors: mirrors },
      };
      const result = parseCluster(fromJson(value), sources());
      expect(result.ok).toBe(false);
      if (!result.ok) expect(formatProblems(result.problems) + result.warnings.join()).not.toContain(text);
    }),
  );
});

test("values are shown by kind, text quoted and cut", () => {
  expect([[], {}, undefined, null, 1.5, "a b", "x".repeat(100), "my PRIVATE KEY"].map(show)).toEqual([
    "a list",
    "a mapping",
    "undefined",
    "null",
    "1.5",
    '"a b"',
    `${"x".repeat(77)}…`,
    "[secret]",
  ]);
});

test("the error counts its mistakes", () => {
  const problem = { path: ["name"], allowed: "is missing", remedy: "add it" };
  expect(formatProblems([problem])).toBe(
    "The configuration has 1 mistake; no machine was touched:\n  nodeprep:cluster.name: is missing; add it",
  );
  expect(formatProblems([problem, problem])).toContain("has 2 mistakes");
});

describe("the nearest known name", () => {
  const known = ["podCidr", "serviceCidr", "ssh", "swap", "selinux"];
  test.each([
    ["podCIDR", "podCidr"],
    ["pod_cidr", "podCidr"],
    ["pdoCidr", "podCidr"],
    ["serviceCdr", "serviceCidr"],
    ["sshh", "ssh"],
    ["banana", undefined],
    ["x".repeat(100), undefined],
  ])("%s: %s", (name, expected) => {
    expect(nearest(name, known)).toBe(expected);
  });

  test("distances are what they are", () => {
    expect(nearest("x", [])).toBeUndefined();
    expect([editDistance("", "abc"), editDistance("abc", "acb"), editDistance("kitten", "sitting")]).toEqual([
      3, 1, 3,
    ]);
    const word = fc.string({ maxLength: 12 });
    fc.assert(
      fc.property(word, word, (a, b) => {
        expect(editDistance(a, b)).toBe(editDistance(b, a));
        expect(editDistance(a, b) === 0).toBe(a === b);
      }),
    );
  });
});
