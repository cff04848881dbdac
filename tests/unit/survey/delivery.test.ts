import type { Facts } from "../../../plan/facts";
import { pkg } from "../../../plan/kinds";
import { earlyPackages } from "../../../survey/node";
import { surveyNodes, type Planner } from "../../../survey/survey";
import type { NodeSurvey } from "../../../survey/types";
import { factsOutput } from "./fixtures";
import { answer, startServer } from "./ssh-server";

const meta = "meta\tformat\t1\nmeta\towner\tnone\nmeta\tapply\tnone\n";

describe("the toolkit", () => {
  const lacking = `${meta}differs\ttoolkit\ttoolkit:/t\tis absent\nend\t1\n`;
  const plan: Planner = () => [
    { name: "toolkit", requirements: [{ kind: "toolkit", key: "/t", value: "sha256=0" }] },
  ];

  async function commandsOf(
    observed: string,
    deliver: boolean,
    code = 0,
    stages = plan("", {} as Facts),
  ): Promise<[string[], NodeSurvey]> {
    const commands: string[] = [];
    const server = await startServer({
      exec: answer((command) => {
        commands.push(command.replace(/^sh -c '.*' nodeprep /, ""));
        if (/ facts$/.test(command)) return { stdout: factsOutput() };
        return / observe /.test(command) ? { stdout: observed } : { stderr: "no space", code };
      }),
    });
    const node = { node: "node-0", owner: "org/project/stack/node-0", adopt: false, packages: [], files: [] };
    const target = { ...node, connection: server.connection };
    const [survey] = await surveyNodes([target], () => stages, { deliver });
    await server.stop();
    return [commands, survey!];
  }

  test("is brought to a node that lacks it, in an update", async () => {
    const [commands, survey] = await commandsOf(lacking, true);
    expect(commands.slice(2)).toEqual([expect.stringMatching(/^\/run\/nodeprep-toolkit-[0-9a-f]{16}\.sh$/)]);
    expect(survey.reachable).toBe(true);
  });

  test("comes after the names of packages that one transaction may bring for all stages", async () => {
    const early = { kind: "package", key: "conntrack", value: "version=any", early: true } as const;
    const stages = [...plan("", {} as Facts), { name: "kubelet", requirements: [early] }];
    const seen = lacking.replace("end\t1", "differs\tkubelet\tpackage:conntrack\tis not installed\nend\t2");
    const [commands] = await commandsOf(seen, true, 0, stages);
    expect(commands.slice(2)).toEqual([
      "/run/nodeprep-early",
      expect.stringMatching(/^\/run\/nodeprep-toolkit-/),
    ]);
  });

  test.each([
    ["in a preview", lacking, false],
    ["where it is", `${meta}end\t1\n`, true],
    ["where it is, and not on record", lacking.replace("differs", "unrecorded"), true],
  ])("is not brought %s", async (_what, observed, deliver) => {
    const [commands] = await commandsOf(observed, deliver);
    expect(commands).toHaveLength(2);
  });

  test("that a node does not take is that node's error", async () => {
    const [, survey] = await commandsOf(lacking, true, 1);
    expect(survey).toMatchObject({
      reachable: false,
      error: {
        reason: "protocol",
        message: expect.stringMatching(/did not take the toolkit: no space$/) as unknown,
      },
    });
  });
});

test("packages that may come early are those that are not there, each once", () => {
  const [tracker, socat, kubelet] = [
    pkg("conntrack", { hold: true, early: true }),
    pkg("socat", { early: true }),
    pkg("kubelet"),
  ];
  const stages = [
    { name: "kubelet", requirements: [tracker, socat, kubelet] },
    { name: "kube-proxy", requirements: [tracker] },
  ];
  const differs = (name: string, unrecorded = false) => ({ stage: "kubelet", name, phrase: "", unrecorded });
  const differences = [
    differs("package:conntrack"),
    differs("package:socat", true),
    differs("package:kubelet"),
  ];
  const observation = { differences, applyId: undefined, owner: undefined, runtimeVersion: undefined };
  expect(earlyPackages(stages, observation)).toBe("package conntrack version=any hold\n");
});

describe("a file of this machine that a node lacks", () => {
  const file = { kind: "download", key: "/usr/local/bin/kubelet", localFile: __filename };
  const plan: Planner = () => [
    { name: "kubelet", requirements: [{ ...file, value: `sha256=${"a".repeat(64)} url=pushed:kubelet` }] },
  ];
  const lacking = `${meta}differs\tkubelet\tdownload:/usr/local/bin/kubelet\tis absent\nend\t1\n`;

  async function survey(deliver: boolean): Promise<[string[], NodeSurvey]> {
    const commands: string[] = [];
    const server = await startServer({
      exec: answer((command) => {
        commands.push(command);
        if (/ facts$/.test(command)) return { stdout: factsOutput() };
        return / observe /.test(command)
          ? { stdout: lacking }
          : { stderr: "No space left on device", code: 1 };
      }),
    });
    const node = { node: "node-0", owner: "org/project/stack/node-0", adopt: false, packages: [], files: [] };
    const connection = { ...server.connection, user: "ops" };
    const [result] = await surveyNodes([{ ...node, connection }], plan, { deliver });
    await server.stop();
    return [commands, result!];
  }

  test("is not touched in a preview", async () => {
    const [commands, result] = await survey(false);
    expect([commands.length, result.reachable]).toEqual([2, true]);
  });

  test("is pushed in an update, as root; a node that does not take it is that node's error", async () => {
    const [commands, result] = await survey(true);
    expect(commands[2]).toMatch(
      /^sudo -n sh -c .* nodeprep [A-Za-z0-9+/=]+ \/var\/lib\/nodeprep\/pushed a{64} \/usr\/local\/bin\/kubelet$/s,
    );
    expect(result).toMatchObject({
      reachable: false,
      error: {
        reason: "push",
        message: expect.stringMatching(/did not take files: No space left on device$/) as unknown,
        remedy: expect.stringMatching(/\/var\/lib has room there/) as unknown,
      },
    });
  });
});
