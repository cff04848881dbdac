import fc from "fast-check";
import { differences } from "../../../offline/command-provider/diff";
import { complete, findFailures } from "../../../offline/command-provider/inputs";
import { reveal, revealAll, secret, UNKNOWN, within } from "../../../offline/command-provider/properties";
import { goQuote } from "../../../offline/command-provider/quote";

describe("secret marks", () => {
  const nested = secret({ a: [secret("b"), 1], c: null });

  it("are taken off to use a value, and kept when it is changed", () => {
    expect(reveal(nested)).toEqual({ a: [secret("b"), 1], c: null });
    expect(revealAll(nested)).toEqual({ a: ["b", 1], c: null });
    expect(within(secret("a"), (open) => [open])).toEqual(secret(["a"]));
  });
});

describe("differences of inputs", () => {
  it.each([
    ["the same", { a: 1 }, { a: 1 }, []],
    ["null and nothing", { a: null }, {}, []],
    ["one more", {}, { a: "x" }, ["add a"]],
    ["one less", { a: "x" }, {}, ["delete a"]],
    ["another type", { a: ["x"] }, { a: "x" }, ["update a"]],
    ["inside a secret", { a: secret({ b: "x" }) }, { a: secret({ b: "y" }) }, ["update a.b"]],
    ["secret from now on", { a: "x" }, { a: secret("x") }, ["update a"]],
    ["not known yet", { a: "x" }, { a: UNKNOWN }, ["update a"]],
    ["in a list", { a: ["x", "y"] }, { a: ["x", "z", "w"] }, ["update a[1]", "add a[2]"]],
    ["an odd name", { a: {} }, { a: { "b.c": "x" } }, ['add a["b.c"]']],
    ["the engine's own", {}, { version: "1", __defaults: [] }, []],
  ])("%s", (_what, olds, news, expected) => {
    expect(differences(olds, news).map(({ kind, path }) => `${kind} ${path}`)).toEqual(expected);
  });

  it("replace for triggers alone", () => {
    const replaces = differences({ triggers: ["a"], triggered: "a" }, { triggers: ["b"], triggered: "b" });
    expect(replaces.map((one) => one.replaces)).toEqual([false, true]);
  });
});

describe("inputs", () => {
  it("are complete even where the connection is not known yet", () => {
    expect(complete({ connection: UNKNOWN })).toEqual({ connection: secret(UNKNOWN) });
    expect(complete({ create: "x" })).toEqual({ create: "x" });
  });

  it("are wrong by name, never by value", () => {
    const failures = findFailures({ connection: secret({ host: 7, password: ["hush"] }), logging: "loud" });
    expect(failures.map(({ property }) => property).sort()).toEqual([
      "connection.host",
      "connection.password",
      "logging",
    ]);
    expect(JSON.stringify(failures)).not.toContain("hush");
  });
});

describe("quoting as Go does", () => {
  it.each([
    ["plain é 日", '"plain é 日"'],
    ['"\\', '"\\"\\\\"'],
    ["\t\n\r\b\f", '"\\t\\n\\r\\b\\f"'],
    ["\u0000\u0001\u001b\u007f", '"\\x00\\x01\\x1b\\x7f"'],
    ["\u0007\u000b", '"\\a\\v"'],
  ])("%j", (text, quoted) => {
    expect(goQuote(text)).toBe(quoted);
  });

  it("always gives one line of printable text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary-ascii" }), (text) => {
        expect(goQuote(text)).toMatch(/^"[ -~]*"$/);
      }),
    );
  });
});
