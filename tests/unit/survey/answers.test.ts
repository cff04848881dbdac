import type { SurveyError } from "../../../survey/errors";
import { surveyNodes } from "../../../survey/survey";
import { factsOutput } from "./fixtures";
import { answer, startServer } from "./ssh-server";

/** What a survey says of a machine whose first command ends like this. */
async function errorOf(
  facts: { readonly stdout?: string; readonly stderr?: string; readonly code?: number },
  user = "root",
  files: readonly string[] = [],
): Promise<SurveyError> {
  const server = await startServer({ exec: answer(() => facts), login: () => true });
  const connection = { ...server.connection, user };
  const target = { node: "node-0", connection, owner: "o/p/s/node-0", adopt: false, packages: [], files };
  const [survey] = await surveyNodes([target], () => []);
  await server.stop();
  if (survey?.reachable !== false) throw new Error("expected the survey to fail");
  return survey.error;
}

describe("sudo", () => {
  test("that is not there has another remedy; a name with a dot is none for sudo's folder", async () => {
    const facts = { stderr: "bash: line 1: sudo: command not found\n", code: 127 };
    expect((await errorOf(facts, "j.doe")).remedy).toContain(
      "Install sudo there and allow it without a password (as root: echo 'j.doe ALL=(ALL) NOPASSWD: ALL' >> /etc/sudoers.d/j_doe)",
    );
  });

  test("of an account without a shell, whose words are on stdout", async () => {
    const { reason, message } = await errorOf(
      { stdout: "This account is currently not available.\n", code: 1 },
      "kube",
    );
    expect(reason).toBe("protocol");
    expect(message).toContain("This account is currently not available.");
  });
});

describe("an answer that is none", () => {
  const instead = 'Please login as the user "ubuntu" rather than the user "root".';

  test("of a cloud's image that lets root in to say who is meant", async () => {
    const { message, remedy } = await errorOf({ stdout: `${instead}\n\n`, code: 142 });
    expect(message).toContain(`its facts do not begin (it said: ${instead})`);
    expect(remedy).toBe("Connect as that user: ssh.user: ubuntu.");
  });

  test("shows nothing of facts that break off: they hold the key of the node's digests", async () => {
    const stdout = factsOutput({ "secrets-key": "5".repeat(64) }).replace("end=1", "");
    expect((await errorOf({ stdout })).message).toMatch(/its facts break off$/);
  });

  test("for a file that cannot be read says what to do about that file", async () => {
    const stdout = factsOutput({}, ["file=1 other"]);
    expect(await errorOf({ stdout }, "root", ["/etc/docker/daemon.json"])).toMatchObject({
      message: expect.stringContaining("its /etc/docker/daemon.json is not a regular file") as unknown,
      remedy: "Make it a file, or move it away.",
    });
  });
});
