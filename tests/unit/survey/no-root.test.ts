import type { SurveyError } from "../../../survey/errors";
import { surveyNodes } from "../../../survey/survey";
import { answer, startServer } from "./ssh-server";

type Reply = { stdout?: string; stderr?: string; code?: number };

/** How the survey of a machine ends whose answer to the first command is this, and to `cat` that. */
async function errorOf(
  first: Reply,
  cat: Reply = { stdout: "nodeprep\n" },
  user = "kube",
): Promise<SurveyError> {
  const server = await startServer({
    login: () => true,
    exec: answer((command) => (command === "cat" ? cat : first)),
  });
  const connection = { ...server.connection, user };
  const target = { node: "node-0", connection, owner: "o/p/s/n", adopt: false, packages: [], files: [] };
  const [survey] = await surveyNodes([target], () => []);
  await server.stop();
  if (survey === undefined || survey.reachable) throw new Error("expected the survey to fail");
  return survey.error;
}

/* What keeps a user from becoming root has more causes than a password, each with its own remedy. */
describe("a user that does not become root", () => {
  test("because sudo wants a terminal", async () => {
    const { reason, remedy } = await errorOf({
      stderr: "sudo: sorry, you must have a tty to run sudo\n",
      code: 1,
    });
    expect(reason).toBe("sudo");
    expect(remedy).toContain("echo 'Defaults:kube !requiretty' >> /etc/sudoers.d/kube");
    expect(remedy).not.toContain("NOPASSWD");
  });

  test.each(["nodeprep: 1: base64: Permission denied\n", "nodeprep: line 1: base64: command not found\n"])(
    "in more than name: %s",
    async (stderr) => {
      const { reason, message, remedy } = await errorOf({ stderr, code: 126 });
      expect(reason).toBe("sudo");
      expect(message).toContain(`becomes root with sudo -n, but cannot do anything then: ${stderr.trim()}`);
      expect(remedy).toContain("base64 and gzip");
      expect(remedy).toContain("Defaults:kube !noexec");
    },
  );

  test("because sudo refuses, in whatever language", async () => {
    const { reason, remedy } = await errorOf({ stderr: "kube darf das nicht\n", code: 1 });
    expect(reason).toBe("sudo");
    expect(remedy).toContain("NOPASSWD");
  });

  test("because there is no sudo, in whatever language", async () => {
    const { remedy } = await errorOf({ stderr: "bash: sudo: Kommando nicht gefunden.\n", code: 127 });
    expect(remedy).toMatch(/^Install sudo there and allow it without a password/);
  });

  test.each([
    "WARNING: Your password has expired.\nPassword change required but no TTY available.\n",
    "sudo: Account or password is expired, reset your password and try again\n",
  ])("because its password has expired: %s", async (stderr) => {
    const { reason, remedy } = await errorOf({ stderr, code: 1 });
    expect(reason).toBe("auth");
    expect(remedy).toMatch(/passwd.*chage -d \$\(date \+%F\) -M -1 kube/);
    expect(remedy).not.toContain("NOPASSWD");
    expect((await errorOf({ stderr, code: 1 }, {}, "root")).remedy).toMatch(/chage .* root/);
  });

  test.each([
    ["an account without a shell", "This account is currently not available."],
    ["a forced command", "This account is for sftp only"],
    ["a .bashrc that reads stdin", ""],
  ])("because of %s", async (_, stdout) => {
    const { reason, message, remedy } = await errorOf({ stdout, code: 1 }, { stdout });
    expect(reason).toBe("protocol");
    expect(message).toMatch(/its login shell does not run the command that it is given: ./);
    expect(message).toContain(stdout || "exit code 1");
    expect(remedy).toMatch(/\.bashrc.*ForceCommand/);
    expect(remedy).not.toContain("NOPASSWD");
  });
});
