import { existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { hasOfficialCommandPlugin } from "../../offline/environment";
import { Project } from "./support/project";
import { makeKey, read, startSshd, type Sshd } from "./support/sshd";
import { until } from "./support/wait";

const program = `
import * as pulumi from "@pulumi/pulumi";
import { remote, types } from "@pulumi/command";
import { readFileSync } from "node:fs";

export = async () => {
  const config = new pulumi.Config("probe");
  const inputs = JSON.parse(readFileSync("inputs.json", "utf8")) as Omit<remote.CommandArgs, "connection">;
  const connection = config.requireSecretObject<types.input.remote.ConnectionArgs>("connection");
  console.log("the program was here");
  const command = new remote.Command("probe", { connection, addPreviousOutputInEnv: false, ...inputs });
  return { stdout: command.stdout, greeting: config.get("greeting") };
};
`;

/* Engine, language host and provider together, as the lab and the end-to-end tests use them. */
describe("a program through the real engine", () => {
  let project: Project;
  let sshd: Sshd;
  let privateKey: string;
  let shown: string;
  const file = (name: string) => join(project.folder, name);
  const inputs = (values: object) => writeFileSync(file("inputs.json"), JSON.stringify(values));
  const up = () => project.pulumi(["up", "--yes", "--skip-preview"]);

  beforeAll(async () => {
    project = await Project.make(program);
    const key = makeKey(project.folder, "key");
    privateKey = read(key);
    sshd = await startSshd(file("sshd"), [key]);
    const { port, user, hostKeys } = sshd;
    const connection = {
      host: "127.0.0.1",
      port,
      user,
      privateKey,
      hostKey: hostKeys.ed25519,
      dialErrorLimit: 0,
    };
    await project.setSecret("connection", JSON.stringify(connection));
    await project.must("config", "set", "greeting", 'héllo: "quoted"');
  }, 600_000);
  afterAll(async () => {
    await project.pulumi(["cancel", "--yes"]);
    await sshd.stop();
    project.remove();
  });

  it("creates, then has nothing to do", async () => {
    inputs({ create: "cat; echo one", stdin: "in " });
    shown = await project.must("up", "--yes", "--skip-preview");
    expect(shown).toContain("the program was here");
    expect(await project.outputs()).toEqual({ stdout: "in one", greeting: 'héllo: "quoted"' });
    shown += await project.must("preview", "--diff", "--expect-no-changes");
    expect(shown).toContain("2 unchanged");
  }, 120_000);

  it("says that nodeprep's provider is in use, where it is", async () => {
    expect(shown.includes("nodeprep's own provider")).toBe(!(await hasOfficialCommandPlugin()));
  });

  it("keeps the key out of what it shows and, in the clear, out of the state", () => {
    const line = privateKey.split("\n")[2] ?? "";
    expect(line.length).toBeGreaterThan(40);
    expect(shown).not.toContain(line);
    expect(project.state()).toContain("command:remote:Command");
    expect(project.state()).not.toContain(line);
  });

  it("shows what changed, then why the update failed, and tries it again the next time", async () => {
    inputs({ create: "cat; echo one", update: "echo broken; exit 4", stdin: "x" });
    const preview = await project.must("preview", "--diff");
    expect(preview).toMatch(/~ stdin\s*: "in " => "x"/);
    const failed = await up();
    expect(failed.code).not.toBe(0);
    expect(failed.stdout + failed.stderr).toMatch(
      /Process exited with status 4: running "echo broken; exit 4":\s+broken/,
    );
    inputs({
      create: "cat; echo one",
      update: "echo mended",
      stdin: "x",
      delete: `touch '${file("deleted")}'`,
    });
    expect((await up()).code).toBe(0);
    expect((await project.outputs())["stdout"]).toBe("mended");
  }, 120_000);

  it("replaces when a trigger changes: creates, then deletes the old one", async () => {
    const log = file("log");
    const lines = { create: `echo create >> '${log}'`, delete: `echo delete >> '${log}'` };
    inputs({ ...lines, update: `echo update >> '${log}'`, triggers: ["a", "b"] });
    expect((await up()).code).toBe(0);
    inputs({ ...lines, update: `echo update >> '${log}'`, triggers: ["a", "c"] });
    expect((await up()).code).toBe(0);
    // The first of these runs replaced the command too, since it had no triggers before.
    expect(read(log).trim().split("\n")).toEqual(["create", "create", "delete"]);
  }, 120_000);

  it("ends the command on the machine when the user presses Ctrl-C", async () => {
    const pid = file("pid");
    inputs({ create: `echo $$ > '${pid}'; exec sleep 600`, triggers: ["a", "c"] });
    const abort = new AbortController();
    const running = project.pulumi(["up", "--yes", "--skip-preview"], { signal: abort.signal });
    await until("the command to start", () => existsSync(pid) && read(pid).endsWith("\n"), 60);
    abort.abort();
    expect((await running).code).not.toBe(0);
    expect(existsSync(`/proc/${read(pid).trim()}`)).toBe(false);
  }, 120_000);

  it("destroys", async () => {
    rmSync(file("log"));
    await project.must("destroy", "--yes", "--skip-preview");
    expect(read(file("log"))).toBe("delete\n");
  }, 120_000);
});

describe("a program that fails", () => {
  let project: Project;
  beforeAll(async () => {
    project = await Project.make('export = () => Promise.reject(new Error("no nodes today"));');
  }, 600_000);
  afterAll(() => project.remove());

  it("is reported with its message, and the exit code says so", async () => {
    const { code, stdout, stderr } = await project.pulumi(["preview"]);
    expect(code).not.toBe(0);
    expect(stdout + stderr).toContain("no nodes today");
  }, 120_000);

  it("is refused by a CLI that is older than the program wants", async () => {
    const path = join(project.folder, "Pulumi.yaml");
    writeFileSync(path, read(path).replace(/>=[\d.]+/, ">=100.0.0"));
    const { code, stdout, stderr } = await project.pulumi(["preview"]);
    expect(code).not.toBe(0);
    expect(stdout + stderr).toContain(">=100.0.0");
  }, 120_000);
});
