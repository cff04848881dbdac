import fc from "fast-check";
import { directory, kernelModule, sysctl } from "../../../plan/kinds";
import { parseObservation } from "../../../survey/differences";

const stages = [
  { name: "kernel-prereqs", requirements: [kernelModule("overlay"), sysctl("net.ipv4.ip_forward", "1")] },
  { name: "container-runtime", requirements: [kernelModule("overlay"), directory("/etc/a b")] },
];
const meta = "meta\tformat\t1\nmeta\towner\to/p/s/node-0\nmeta\tapply\t7f3a91cc\n";
const parse = (lines: string, end = "end\t4\n") => parseObservation(`${meta}${lines}${end}`, stages);

test("a node without differences", () =>
  expect(parse("")).toEqual({
    differences: [],
    applyId: "7f3a91cc",
    owner: "o/p/s/node-0",
  }));

test("a node without a record, behind a talkative profile", () => {
  const text = "hello\nend\t9\nmeta\tformat\tnone\nmeta\towner\tnone\nmeta\tapply\tnone\nend\t4\ngood bye\n";
  expect(parseObservation(text, stages)).toEqual({
    differences: [],
    applyId: undefined,
    owner: undefined,
  });
});

test("differences keep their order; the same requirement may differ in two stages", () => {
  const lines = [
    "differs\tkernel-prereqs\tsysctl:net.ipv4.ip_forward\tis 0, must be 1",
    "differs\tkernel-prereqs\tmodule:overlay\tis not loaded, must be loaded",
    "unrecorded\tcontainer-runtime\tmodule:overlay\tholds, but is not on record here",
    "differs\tcontainer-runtime\tdirectory:/etc/a%20b\tis \u001b[31mred\tand\u0007 odd",
    "",
  ];
  expect(parse(lines.join("\n")).differences).toEqual([
    {
      stage: "kernel-prereqs",
      name: "sysctl:net.ipv4.ip_forward",
      phrase: "is 0, must be 1",
      unrecorded: false,
    },
    {
      stage: "kernel-prereqs",
      name: "module:overlay",
      phrase: "is not loaded, must be loaded",
      unrecorded: false,
    },
    {
      stage: "container-runtime",
      name: "module:overlay",
      phrase: "holds, but is not on record here",
      unrecorded: true,
    },
    {
      stage: "container-runtime",
      name: "directory:/etc/a%20b",
      phrase: "is ?[31mred and? odd",
      unrecorded: false,
    },
  ]);
});

test("stages of which the node has nothing on record, as far as they are part of the plan", () =>
  expect(parse("meta\tnew\tcontainer-runtime evil;reboot\n").newStages).toEqual(["container-runtime"]));

describe("a record that says what nodeprep never writes counts as none", () => {
  test.each(["7F3A", "7f3a; reboot", "", "$(id)", "a".repeat(33)])("apply %j", (id) =>
    expect(parse(`meta\tapply\t${id}\n`).applyId).toBeUndefined(),
  );
  test.each(["o p", "$(id)", "o/p/s/n;"])("owner %j", (owner) =>
    expect(parse(`meta\towner\t${owner}\n`).owner).toBeUndefined(),
  );
});

describe("answers that are refused", () => {
  test.each([
    [
      "a requirement of another stage",
      "differs\tcontainer-runtime\tsysctl:net.ipv4.ip_forward\tis 0\n",
      "not part of the plan",
    ],
    [
      "an invented requirement",
      "differs\tkernel-prereqs\tmodule:evil;reboot\tis 0\n",
      "not part of the plan",
    ],
    ["a stage that was not sent", "differs\ttoolkit\tmodule:overlay\tis 0\n", "not part of the plan"],
    ["a line without fields", "differs\n", "not part of the plan"],
    ["a line of another kind", "nonsense \u001b[2J here\n", 'holds the line "nonsense ?[2J here"'],
  ])("%s", (_, lines, message) => expect(() => parse(lines)).toThrow(message));

  test("more differences than requirements", () => {
    const line = "differs\tkernel-prereqs\tmodule:overlay\tis not loaded\n";
    expect(parse(line.repeat(4)).differences).toHaveLength(4);
    expect(() => parse(line.repeat(5))).toThrow("its answer has 5 differences of 4 requirements");
  });

  test("too few requirements read, no beginning, no end", () => {
    expect(() => parse("", "end\t3\n")).toThrow("read 3 of 4 requirements");
    expect(() => parse("", "end\n")).toThrow("read  of 4 requirements");
    expect(() => parse("", "")).toThrow("breaks off");
    expect(() => parseObservation("end\t4\n", stages)).toThrow("does not begin");
    expect(() => parseObservation("", stages)).toThrow("does not begin");
  });
});

test("whatever a node answers: names of the plan and printable phrases, or a refusal", () => {
  const word = fc.oneof(
    fc.constantFrom("kernel-prereqs", "module:overlay", "differs", "unrecorded", "end", "4"),
    fc.string({ unit: "binary" }),
  );
  fc.assert(
    fc.property(fc.array(fc.array(word, { maxLength: 5 })), (lines) => {
      try {
        const { differences } = parse(`${lines.map((fields) => fields.join("\t")).join("\n")}\n`);
        return differences.every(
          ({ name, phrase }) => /^[a-z]+:[a-z0-9_.%/]+$/.test(name) && !/[\u0000-\u001f]/.test(phrase),
        );
      } catch (error) {
        return error instanceof Error && !/[\u0000-\u001f\u007f-\u009f]/.test(error.message);
      }
    }),
  );
});
