import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { commandLine, quote } from "../../../plan/quote";

const shells: Readonly<Record<string, readonly [string, ...string[]]>> = {
  dash: ["dash"],
  bash: ["bash", "--norc"],
  "busybox ash": ["busybox", "ash"],
};

/** What a shell makes of a command line that prints each of its words, ended by NUL. */
function words([shell, ...options]: readonly [string, ...string[]], script: string): readonly string[] {
  return execFileSync(shell, [...options, "-c", script], { encoding: "utf8" })
    .split("\0")
    .slice(0, -1);
}

// every character but NUL; half a surrogate pair has no bytes of its own
const word = fc.oneof(
  fc.string({ unit: "binary" }).map((text) => text.replaceAll("\0", "")),
  fc
    .array(
      fc.constantFrom(
        "'",
        '"',
        "\\",
        "$(id)",
        "`id`",
        "$HOME",
        "\n",
        "\r",
        "\t",
        " ",
        "!",
        "*",
        "~",
        "#",
        "-n",
        "%s",
        "é",
        ";",
        "&",
      ),
    )
    .map((parts) => parts.join("")),
);
const lists = fc.array(word, { minLength: 1, maxLength: 200 });

describe.each(Object.entries(shells))("%s", (_name, shell) => {
  test("reads every quoted word as it was", () => {
    fc.assert(
      fc.property(lists, (list) => {
        expect(words(shell, commandLine("printf", "%s\\000", ...list))).toEqual(list);
      }),
      { numRuns: 40 },
    );
  });

  test("reads a command line inside a command line as it was", () => {
    fc.assert(
      fc.property(lists, (list) => {
        const inner = commandLine("printf", "%s\\000", ...list);
        expect(words(shell, commandLine(...shell, "-c", inner))).toEqual(list);
      }),
      { numRuns: 10 },
    );
  });

  test("executes no word", () => {
    expect(words(shell, commandLine("printf", "%s\\000", "$(echo x)", "a; echo b", ""))).toEqual([
      "$(echo x)",
      "a; echo b",
      "",
    ]);
  });
});

test("plain words stay readable", () => {
  expect(
    commandLine("sh", "/usr/local/lib/a.sh", "apply", "--as", "org/project/dev/node-1", "a=b,c:d@e%f+g"),
  ).toBe("sh /usr/local/lib/a.sh apply --as org/project/dev/node-1 a=b,c:d@e%f+g");
  expect([quote(""), quote("a b"), quote("it's"), quote("~")]).toEqual(["''", "'a b'", `'it'\\''s'`, "'~'"]);
});

test("a NUL character is refused", () => {
  expect(() => quote("a\0b")).toThrow("a NUL character cannot be part of a command line");
});
