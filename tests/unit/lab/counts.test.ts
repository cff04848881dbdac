import { describeCounts, nothingSkipped, sum } from "../../run/counts";
import { numbers } from "../../run/jest";

const report = (statuses: Readonly<Record<string, string>>, broken = 0): string =>
  JSON.stringify({
    numRuntimeErrorTestSuites: broken,
    testResults: [
      { assertionResults: Object.entries(statuses).map(([fullName, status]) => ({ fullName, status })) },
    ],
  });

describe("the numbers of a run", () => {
  test("are those of jest's report", () => {
    const text = report({ a: "passed", b: "passed", c: "failed", d: "pending" });
    expect(numbers(1, text)).toEqual({ passed: 2, failed: 1, skipped: 1 });
  });

  test.each([
    ["a suite that cannot be loaded", 1, report({ a: "passed" }, 1), { passed: 1, failed: 1, skipped: 0 }],
    ["coverage that is too low", 1, report({ a: "passed" }), { passed: 1, failed: 1, skipped: 0 }],
    ["a run without a report", 1, "", { passed: 0, failed: 1, skipped: 0 }],
  ])("count %s as a failure", (_what, code, text, expected) => {
    expect(numbers(code, text)).toEqual(expected);
  });

  test("leave out tests of Pulumi's own provider where it is not installed, and only then", () => {
    const skipped = report({ "Pulumi's provider 1.2.1: errors": "pending", a: "passed" });
    expect(numbers(0, skipped)).toEqual({ passed: 1, failed: 0, skipped: 0 });
    const run = report({
      "Pulumi's provider 1.2.1: errors": "passed",
      "Pulumi's provider 1.2.1: x": "failed",
    });
    expect(numbers(1, run)).toEqual({ passed: 1, failed: 1, skipped: 0 });
  });
});

describe("all numbers together", () => {
  const total = sum([
    { passed: 2, failed: 0, skipped: 1 },
    { passed: 3, failed: 1, skipped: 2 },
  ]);

  test("are their sum, in words", () => {
    expect(describeCounts(total)).toBe("5 passed, 1 failed, 3 skipped");
  });

  test("have no skipped tests where nothing may be skipped", () => {
    expect(describeCounts(nothingSkipped(total))).toBe("5 passed, 4 failed");
  });
});
