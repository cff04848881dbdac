import { HostNames } from "../../../components/host-names";
import {
  surveyCluster,
  surveyNode,
  surveyNodes,
  type NodeToSurvey,
} from "../../../components/survey-cluster";
import type { StageDefinition } from "../../../plan/stage";
import { plannedStage, type SurveyedNode } from "../../../components/surveyed-node";
import { Toolkit } from "../../../components/toolkit";
import { Secret } from "../../../config/secret";
import { cluster, config, node as nodeOf } from "../config/fixtures";
import { cleanUp, server } from "../survey/machines";
import { answer } from "../survey/ssh-server";
import { factsOutput } from "../survey/fixtures";
import { context } from "./fixtures";
import { mockEngine, warnings } from "./engine";

beforeAll(mockEngine);
afterEach(cleanUp);

/** A machine that answers a survey, and what it was asked to do. */
async function machine(
  observed: readonly string[],
  facts: Readonly<Record<string, string | undefined>> = {},
) {
  const commands: string[] = [];
  const { connection } = await server({
    login: () => true,
    exec: answer((command) => {
      commands.push(command);
      if (/ facts( |$)/.test(command)) return { stdout: factsOutput(facts) };
      return / observe /.test(command) ? { stdout: observed.join("\n") } : {};
    }),
  });
  const { host, port, hostKey } = connection;
  const auth = { method: "password", password: new Secret("x") } as const;
  return { commands, connection: { host, port, user: "ops", hostKey: hostKey!, auth, dialTimeout: 5 } };
}

const record = (owner: string): readonly string[] => [
  "meta\tformat\t1",
  `meta\towner\t${owner}`,
  "meta\tapply\t7f3a",
];
const ours = "org/nodeprep/test/node-0";
const surveyed = async (
  observed: readonly string[],
  more: Partial<NodeToSurvey> = {},
  facts: Readonly<Record<string, string>> = {},
): Promise<{ readonly node: SurveyedNode; readonly commands: readonly string[] }> => {
  const { commands, connection } = await machine(observed, facts);
  return { node: await surveyNode({ context, connection, stages: [Toolkit.stage({})], ...more }), commands };
};

/** A stage that warns of what differs. */
const watching: StageDefinition<Record<string, never>> = {
  name: "watching",
  requirements: () => [
    { kind: "module", key: "overlay", value: "loaded" },
    { kind: "module", key: "ip_vs", value: "loaded" },
  ],
  warnings: (_args, _facts, { differing }) => differing.map((name) => `${name} will change`),
};
const watched = [Toolkit.stage({}), plannedStage(watching, {}, Toolkit)];

describe("a node that was surveyed", () => {
  it("goes by sudo, and has what was said of it", async () => {
    const { node } = await surveyed([...record(ours), "end\t1", ""], {
      undoWithPods: true,
      retire: "abandon",
    });
    expect(node).toMatchObject({ sudo: true, undoWithPods: true, retire: "abandon", owner: ours });
    expect(node.survey).toBeUndefined();
  });

  it("is another stack's unless it is adopted", async () => {
    const theirs = [...record("org/nodeprep/other/node-0"), "end\t1", ""];
    expect((await surveyed(theirs)).node.survey).toMatchObject({ error: { reason: "owner" } });
    expect((await surveyed(theirs, { adopt: true })).node.survey).toMatchObject({ reachable: true });
    warnings();
  });

  it("gets the toolkit that it lacks", async () => {
    const lacks = [
      ...record("none"),
      `differs\ttoolkit\ttoolkit:/usr/local/lib/nodeprep/nodeprep.sh\tis absent`,
    ];
    const { commands } = await surveyed([...lacks, "end\t1", ""], { stages: [Toolkit.stage({})] });
    expect(commands[2]).toContain("/run/nodeprep-toolkit-");
  });

  it("is warned of what its stages and its own address say, but not of what only lacks a record", async () => {
    const lines = [
      ...record(ours),
      "differs\twatching\tmodule:overlay\tis not loaded",
      "unrecorded\twatching\tmodule:ip_vs\tholds, but is not on record here",
    ];
    const networks = { ...context, serviceCidrs: ["10.32.0.0/24"] };
    await surveyed(
      [...lines, "end\t3", ""],
      { stages: watched, context: networks },
      { "ssh-address": "10.32.0.9" },
    );
    expect(warnings()).toEqual([
      expect.stringContaining(
        "node-0: its own address 10.32.0.9, to which SSH comes, lies inside serviceCidr",
      ),
      "node-0: module:overlay will change",
    ]);
  });

  it("shares a warning with others that have the same", async () => {
    const machines = await Promise.all(
      ["1", "2", "3"].map((id) =>
        machine([...record(ours), "end\t1", ""], {
          hostname: `lab-${id}`,
          "machine-id": id.repeat(32),
          ...(id === "3" ? {} : { "time-service": undefined }),
        }),
      ),
    );
    const stages = [Toolkit.stage({})];
    const node = (id: number) => ({ context: { ...context, name: `node-${id}` }, stages });
    await surveyNodes(machines.map(({ connection }, id) => ({ ...node(id), connection })));
    expect(warnings()).toEqual([
      expect.stringMatching(/^node-0, node-1: its clock is right, but nothing keeps it right/),
    ]);
  });

  it("is asked about all stages, that of its name too", async () => {
    const stages = [Toolkit.stage({}), HostNames.stage({ hosts: {} })];
    const { node } = await surveyed([...record(ours), "end\t5", ""], { stages });
    expect(node.survey).toMatchObject({
      reachable: true,
      stages: [{ name: "toolkit" }, { name: "host-names" }],
    });
  });
});

/** A machine on which everything holds that a survey asks about. */
async function holding(facts: Readonly<Record<string, string>>) {
  const files = Array.from({ length: 60 }, (_, index) => `file=${index + 1} absent`);
  const { connection } = await server({
    login: () => true,
    exec: (command, channel) => {
      let said = "";
      channel.on("data", (bytes: Buffer) => (said += bytes.toString()));
      channel.on("end", () => {
        const lines = said.split("\n").slice(1);
        const sent = lines.filter((line) => line !== "" && !/^(stage | {2}\|)/.test(line)).length;
        const observed = [...record("none"), `end\t${sent}`, ""].join("\n");
        channel.write(/ facts( |$)/.test(command) ? factsOutput(facts, files) : observed);
        channel.exit(0);
        channel.end();
      });
    },
  });
  const { host, port, hostKey } = connection;
  return nodeOf({ host, port, hostKey });
}

it("nodes that get their names from here may share the one that they have, and know their cluster's networks", async () => {
  const machines = [
    { hostname: "lab", "machine-id": "1".repeat(32), "ssh-address": "10.32.0.9" },
    { hostname: "lab", "machine-id": "2".repeat(32) },
  ];
  const [a, b] = await Promise.all(machines.map(holding));
  const found = async (hostNames: string) =>
    (await surveyCluster(cluster(config({ hostNames, ssh: { password: "x" }, nodes: { a, b } })))).map(
      ({ survey }) => (survey?.reachable === false ? survey.error.reason : "reached"),
    );
  expect(await found("managed")).toEqual(["reached", "reached"]);
  expect(warnings()).toEqual([
    expect.stringContaining(
      "a: its own address 10.32.0.9, to which SSH comes, lies inside serviceCidr 10.32.0.0/24",
    ),
  ]);
  expect(await found("untouched")).toEqual(["clone", "clone"]);
});
