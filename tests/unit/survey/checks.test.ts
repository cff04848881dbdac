import { clockWarning, isNew, surveyWarnings } from "../../../survey/checks";
import { SurveyError } from "../../../survey/errors";
import { parseFacts } from "../../../survey/facts";
import { unsupported } from "../../../survey/os-support";
import { factsOutput } from "./fixtures";

const now = Date.now() / 1000;
const facts = parseFacts(factsOutput(), { packages: [], files: [], sent: now - 1, received: now + 1 });

describe("clocks", () => {
  test.each([
    [0, "chrony", undefined],
    [5, "chrony", undefined],
    [0, "", "its clock is right, but nothing keeps it right; no time service runs there: install chrony"],
    [-5, "", "nothing keeps it right"],
    [-5, "chrony", undefined],
    [6, "", "its clock is 6 s ahead of this machine's; no time service runs there: install chrony"],
    [-3600, "systemd-timesyncd", "3600 s behind this machine's; systemd-timesyncd runs there: check"],
  ])("%d s off, time service %j", (clockOffset, timeService, expected) => {
    const [text] = clockWarning({ clockOffset, timeService });
    if (expected === undefined) expect(text).toBeUndefined();
    else expect(text).toContain(expected);
  });
});

test("of a whole survey, only nodes that were reached", () => {
  const reached = {
    reachable: true as const,
    stages: [],
    differences: [],
    applyId: "7f3a",
    owner: "o/p/s/a",
  };
  const warnings = surveyWarnings([
    { node: "a", ...reached, facts: { ...facts, clockOffset: 60 } },
    { node: "b", reachable: false, error: new SurveyError("b", "refused", "refused", "Start it.") },
    { node: "c", ...reached, facts },
    { node: "d", ...reached, facts: { ...facts, timeService: "" } },
  ]);
  expect(warnings.map(({ node: name }) => name)).toEqual(["a", "d"]);
});

describe("a node without a record", () => {
  const toolkit = (unrecorded: boolean) => ({
    node: "a",
    reachable: true as const,
    facts: { ...facts, timeService: "chrony" },
    stages: [],
    differences: [{ stage: "toolkit", name: "toolkit:/t", phrase: "", unrecorded }],
    applyId: undefined,
    owner: undefined,
  });

  test("is new where it has no toolkit either", () => {
    expect(isNew(toolkit(false))).toBe(true);
    expect(surveyWarnings([toolkit(false)])).toEqual([]);
    expect(isNew({ ...toolkit(false), applyId: "7f3a" })).toBe(false);
  });

  test("has lost it where the toolkit is there", () => {
    expect(isNew(toolkit(true))).toBe(false);
    expect(surveyWarnings([toolkit(true)])).toEqual([
      { node: "a", text: expect.stringMatching(/^nothing is on record .* was lost\. An update /) as unknown },
    ]);
  });
});

describe("operating systems", () => {
  const usual = { ...facts, packageManager: "apt" as const, init: "systemd" as const };
  const check = (osId: string, osVersion: string, osName = `${osId} ${osVersion}`) =>
    unsupported({
      ...usual,
      osId,
      osVersion,
      osName,
      packageManager: ["debian", "ubuntu"].includes(osId) ? "apt" : "dnf",
    });

  test.each([
    ["debian", "11"],
    ["debian", "12"],
    ["debian", ""],
    ["ubuntu", "20.04"],
    ["ubuntu", "24.10"],
    ["rocky", "8.10"],
    ["rocky", "9.6"],
    ["almalinux", "10.0"],
    ["rhel", "9.4"],
    ["centos", "9"],
    ["centos", "10"],
    ["fedora", "42"],
  ])("%s %s is supported", (id, version) => expect(check(id, version)).toBeUndefined());

  test.each([
    ["debian", "10", "the oldest is Debian 11"],
    ["ubuntu", "16.04", "the oldest is Ubuntu 20.04"],
    ["ubuntu", "18.04", "the oldest is Ubuntu 20.04"],
    ["centos", "7", "the oldest is CentOS Stream 8"],
    ["rhel", "7.9", "the oldest is Red Hat Enterprise Linux 8"],
    ["fedora", "39", "the oldest is Fedora 40"],
    ["ol", "9.4", "ol 9.4 (ol) is not supported"],
    ["alpine", "3.20", "alpine 3.20 (alpine) is not supported"],
    ["linux", "", "(linux) is not supported"],
    ["constructor", "1", "is not supported"],
  ])("%s %s is refused", (id, version, expected) => {
    const problem = check(id, version);
    expect(problem?.message).toContain(expected);
    expect(problem?.remedy).toContain("Debian 11, Ubuntu 20.04, Rocky Linux 8,");
  });

  test("without systemd, or without its package manager", () => {
    expect(unsupported({ ...usual, init: "other" })?.message).toContain("without systemd");
    expect(unsupported({ ...usual, packageManager: "none" })?.message).toContain("no apt-get");
    const rocky = { ...usual, osId: "rocky", osVersion: "9.6", osName: "Rocky Linux 9.6" };
    expect(unsupported(rocky)?.message).toBe("Rocky Linux 9.6 has no dnf and rpm there, but apt");
    expect(unsupported({ ...rocky, packageManager: "none" })?.message).toBe(
      "Rocky Linux 9.6 has no dnf and rpm there",
    );
  });
});
