import { refuseClones } from "../../../survey/clones";
import { SurveyError } from "../../../survey/errors";
import { parseFacts } from "../../../survey/facts";
import { surveyNodes } from "../../../survey/survey";
import type { NodeSurvey, SurveyTarget } from "../../../survey/types";
import { factsOutput } from "./fixtures";
import { answer, startServer } from "./ssh-server";

const facts = parseFacts(factsOutput(), { packages: [], files: [], sent: 0, received: 1e12 });

const node = (name: string, hostname: string, machineId: string, productUuid: string): NodeSurvey => ({
  node: name,
  reachable: true,
  facts: { ...facts, hostname, machineId, productUuid },
  stages: [],
  differences: [],
  applyId: undefined,
  owner: undefined,
});

const errors = (surveys: readonly NodeSurvey[], named?: ReadonlySet<string>): Record<string, string> =>
  Object.fromEntries(
    refuseClones(surveys, named).flatMap((survey) =>
      survey.reachable ? [] : [[survey.node, survey.error.message]],
    ),
  );

describe("machines that", () => {
  test("differ are as they were", () => {
    const surveys = [node("a", "a", "1", "x"), node("b", "b", "2", "y")];
    expect(refuseClones(surveys)).toEqual(surveys);
  });

  test("do not say who they are do not count, nor do makers' placeholders", () => {
    const board = "03000200-0400-0500-0006-000700080009";
    expect(errors([node("a", "", "", board), node("b", "", "", board), node("c", "", "", "")])).toEqual({});
  });

  test("share a part are refused, each with the others' names and the value; no other one is", () => {
    const surveys = [
      node("a", "lab", "1", "x"),
      node("b", "LAB", "1", "y"),
      node("c", "c", "1", "x"),
      node("d", "d", "4", "z"),
    ];
    expect(errors(surveys)).toEqual({
      a: "it has the same product UUID as c (x), the same machine-id as b and c (1), the same host name as b (lab)",
      b: "it has the same machine-id as a and c (1), the same host name as a (lab)",
      c: "it has the same product UUID as a (x), the same machine-id as a and b (1)",
    });
    expect(refuseClones(surveys)[3]).toBe(surveys[3]);
    const [first] = refuseClones(surveys);
    if (first?.reachable !== false) throw new Error("a is not refused");
    expect(first.error.reason).toBe("clone");
    expect(first.error.remedy).toMatch(
      /UUID of its own.*rm -f \/etc\/machine-id .*systemd-machine-id-setup; reboot.*hostnamectl set-hostname.*Nothing was changed/,
    );
  });

  test("are many name only a few", () =>
    expect(errors(["a", "b", "c", "d", "e"].map((name) => node(name, name, "1", "")))["e"]).toContain(
      "as a, b, c and 1 more (1)",
    ));

  test("get their host name from the program may have the same one now", () => {
    const surveys = [node("a", "lab", "1", ""), node("b", "lab", "2", "")];
    expect(errors(surveys, new Set(["a", "b"]))).toEqual({});
    expect(errors(surveys, new Set(["a"]))).toEqual({});
    expect(errors([node("a", "lab", "1", ""), node("b", "a", "2", "")], new Set(["a"]))).toEqual({
      a: "it has the same host name as b (a)",
      b: "it has the same host name as a (a)",
    });
  });

  test("could not be reached keep their error", () => {
    const error = new SurveyError("b", "refused", "refused", "Start it.");
    expect(refuseClones([node("a", "a", "1", ""), { node: "b", reachable: false, error }])[1]).toEqual({
      node: "b",
      reachable: false,
      error,
    });
  });
});

test("nothing is brought to clones in an update, and the others get the toolkit", async () => {
  const brought: string[] = [];
  const serve = (name: string, id: string) =>
    startServer({
      exec: answer((command) => {
        if (/ facts$/.test(command))
          return { stdout: factsOutput({ hostname: name, "machine-id": id.repeat(32) }) };
        if (/ observe /.test(command))
          return {
            stdout:
              "meta\tformat\t1\nmeta\towner\tnone\nmeta\tapply\tnone\ndiffers\ttoolkit\ttoolkit:/t\tis absent\nend\t1\n",
          };
        brought.push(name);
        return {};
      }),
    });
  const ids = { a: "1", b: "1", c: "3" };
  const servers = await Promise.all(Object.entries(ids).map(([name, id]) => serve(name, id)));
  const targets = Object.keys(ids).map((name, index): SurveyTarget => {
    const connection = servers[index]!.connection;
    return { node: name, connection, owner: `o/p/s/${name}`, adopt: false, packages: [], files: [] };
  });
  const plan = () => [
    { name: "toolkit", requirements: [{ kind: "toolkit", key: "/t", value: "sha256=0" } as const] },
  ];
  const surveys = await surveyNodes(targets, plan, { deliver: true });
  for (const server of servers) await server.stop();
  expect(surveys.map(({ node: name, reachable }) => [name, reachable])).toEqual([
    ["a", false],
    ["b", false],
    ["c", true],
  ]);
  expect(brought).toEqual(["c"]);
});
