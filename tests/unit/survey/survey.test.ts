import { kernelModule } from "../../../plan/kinds";
import { surveyNodes, type Planner } from "../../../survey/survey";
import type { NodeConnection, NodeSurvey, SurveyTarget } from "../../../survey/types";
import { factsOutput } from "./fixtures";
import { answer, startServer, type SshServer } from "./ssh-server";

type Reply = { stdout?: string; stderr?: string; code?: number };
const meta = (owner = "none", apply = "none") =>
  `meta\tformat\t1\nmeta\towner\t${owner}\nmeta\tapply\t${apply}\n`;

/** A server that answers the survey's two commands like a node. */
function nodeServer(replies: { facts?: Reply; observe?: Reply } = {}): Promise<SshServer> {
  const { facts = { stdout: factsOutput() }, observe = { stdout: `${meta()}end\t1\n` } } = replies;
  return startServer({
    exec: answer((command) => (/ facts( |$)/.test(command) ? facts : observe)),
    login: () => true,
  });
}

const target = (connection: NodeConnection, more: Partial<SurveyTarget> = {}): SurveyTarget => ({
  node: "node-0",
  connection,
  owner: "org/project/stack/node-0",
  adopt: false,
  packages: [],
  files: [],
  ...more,
});

const plan: Planner = () => [{ name: "kernel-prereqs", requirements: [kernelModule("overlay")] }];

async function surveyOf(
  replies: Parameters<typeof nodeServer>[0],
  more: Partial<SurveyTarget> = {},
  user = "root",
): Promise<NodeSurvey> {
  const server = await nodeServer(replies);
  try {
    const [survey] = await surveyNodes([target({ ...server.connection, user }, more)], plan);
    return survey!;
  } finally {
    await server.stop();
  }
}

const error = (survey: NodeSurvey) => {
  if (survey.reachable) throw new Error("expected the survey to fail");
  return survey.error;
};

test("a node is looked at with two commands in one session", async () => {
  const commands: string[] = [];
  const server = await startServer({
    exec: answer((command) => {
      commands.push(command);
      return commands.length === 1
        ? { stdout: factsOutput({}, ["file=1 absent", "package.installed=containerd 1.6.20"]) }
        : {
            stdout: `${meta("org/project/stack/node-0", "7f3a")}differs\tkernel-prereqs\tmodule:overlay\tis not loaded\nend\t1\n`,
          };
    }),
  });
  const asked = { packages: ["containerd"], files: ["/etc/a b"] };
  const [survey] = await surveyNodes([target(server.connection, asked)], plan);
  await server.stop();
  expect(survey).toMatchObject({
    node: "node-0",
    reachable: true,
    applyId: "7f3a",
    owner: "org/project/stack/node-0",
    facts: { packages: { containerd: { installed: "1.6.20" } }, files: { "/etc/a b": undefined } },
    stages: plan("node-0", {} as never),
    differences: [
      { stage: "kernel-prereqs", name: "module:overlay", phrase: "is not loaded", unrecorded: false },
    ],
  });
  expect(server.open.most).toBe(1);
  expect(commands.map((command) => command.replace(/^sh -c '.*' /, ""))).toEqual([
    "nodeprep facts --package containerd --file '/etc/a b'",
    "nodeprep observe --as org/project/stack/node-0",
  ]);
});

describe("sudo", () => {
  test("another user than root goes through it", async () => {
    const commands: string[] = [];
    const server = await startServer({
      login: () => true,
      exec: answer((command) => {
        commands.push(command);
        return { stdout: commands.length === 1 ? factsOutput() : `${meta()}end\t1\n` };
      }),
    });
    const [survey] = await surveyNodes([target({ ...server.connection, user: "kube" })], plan);
    await server.stop();
    expect(survey?.reachable).toBe(true);
    for (const command of commands) expect(command).toMatch(/^sudo -n sh -c '/);
  });

  test.each([
    ["sudo: a password is required", 1],
    ["sh: 1: sudo: not found", 127],
    ["kube is not in the sudoers file.\u001b[2J", 1],
  ])("refused: %s", async (stderr, code) => {
    const { reason, message, remedy } = error(
      await surveyOf({ facts: { stderr: `${stderr}\n`, code } }, {}, "kube"),
    );
    expect(reason).toBe("sudo");
    expect(message).toContain(stderr.replace("\u001b", "?"));
    expect(remedy).toContain("NOPASSWD");
  });

  test("refused without a word", async () =>
    expect(error(await surveyOf({ facts: { code: 1 } }, {}, "kube")).message).toContain("exit code 1"));

  test("root that cannot run the script has another problem", async () => {
    const { reason, message } = error(
      await surveyOf({ facts: { stderr: "sh: 1: base64: not found\n", code: 127 } }),
    );
    expect(reason).toBe("protocol");
    expect(message).toContain("base64: not found");
  });
});

describe("owner", () => {
  const owned = (owner: string, more: Partial<SurveyTarget> = {}) =>
    surveyOf({ observe: { stdout: `${meta(owner)}end\t1\n` } }, more);

  test("another stack's node is refused, both named", async () => {
    const { reason, message, remedy } = error(await owned("org/project/other/node-0"));
    expect(reason).toBe("owner");
    expect(message).toContain("the stack org/project/other, not by org/project/stack");
    expect(remedy).toContain("adopt: true");
  });

  test("unless it is to be adopted", async () =>
    expect((await owned("org/project/other/node-0", { adopt: true })).reachable).toBe(true));

  test("a node that was renamed is the stack's own", async () =>
    expect((await owned("org/project/stack/old-name")).reachable).toBe(true));
});

test("an unsupported system is refused before anything is planned", async () => {
  const server = await nodeServer({ facts: { stdout: factsOutput({ "os.ID": "alpine" }) } });
  const planned = jest.fn(plan);
  const [survey] = await surveyNodes([target(server.connection)], planned);
  await server.stop();
  expect(error(survey!).reason).toBe("unsupported");
  expect(planned).not.toHaveBeenCalled();
});

test("an answer that names what was not asked for is a protocol error", async () => {
  const stdout = `${meta()}differs\tkernel-prereqs\tmodule:evil\tis bad\nend\t1\n`;
  expect(error(await surveyOf({ observe: { stdout } })).reason).toBe("protocol");
});

test("one node's failure holds up no other", async () => {
  const server = await nodeServer();
  const refusing: Planner = (node, facts) => {
    if (node === "broken") throw new Error("its kernel is\u001b[2J odd");
    return plan(node, facts);
  };
  const dead = { ...server.connection, port: 1 };
  const targets = [
    target(dead, { node: "dead" }),
    target(server.connection, { node: "broken" }),
    target(server.connection),
  ];
  const surveys = await surveyNodes(targets, refusing);
  await server.stop();
  expect(surveys.map(({ node, reachable }) => [node, reachable])).toEqual([
    ["dead", false],
    ["broken", false],
    ["node-0", true],
  ]);
  expect(error(surveys[0]!)).toMatchObject({ reason: "refused", node: "dead" });
  expect(error(surveys[1]!)).toMatchObject({
    reason: "plan",
    node: "broken",
    message: "its stages cannot be planned: its kernel is?[2J odd",
  });
});

test("a requirement that cannot be sent is no plan, and a fault of this side is not the plan's", async () => {
  const server = await nodeServer();
  const odd: Planner = () => [{ name: "odd", requirements: [{ kind: "file", key: "/a", value: "a\nb" }] }];
  const [unsendable] = await surveyNodes([target(server.connection)], odd);
  const [unexpected] = await surveyNodes([target({ ...server.connection, port: 70_000 })], plan);
  await server.stop();
  expect(error(unsendable!).reason).toBe("plan");
  expect(error(unexpected!)).toMatchObject({
    reason: "protocol",
    message: expect.stringMatching(/^its survey came to an unexpected end: .*70000/) as unknown,
  });
});

test("no more nodes at a time than allowed", async () => {
  let count = 0;
  let now = 0;
  let most = 0;
  const server = await startServer({
    exec: answer((command) => {
      if (!command.includes(" facts")) return (now--, { stdout: `${meta()}end\t1\n` });
      most = Math.max(most, ++now);
      const name = `lab-${++count}`;
      return {
        stdout: factsOutput({
          hostname: name,
          "machine-id": Buffer.from(name).toString("hex").padEnd(32, "0"),
        }),
      };
    }),
  });
  const targets = Array.from({ length: 8 }, (_, index) =>
    target(server.connection, { node: `node-${index}` }),
  );
  const surveys = await surveyNodes(targets, plan, { concurrency: 3 });
  await server.stop();
  expect(surveys.map(({ node }) => node)).toEqual(targets.map(({ node }) => node));
  expect(surveys.every(({ reachable }) => reachable)).toBe(true);
  expect(most).toBeGreaterThan(1);
  expect(most).toBeLessThanOrEqual(3);
});
