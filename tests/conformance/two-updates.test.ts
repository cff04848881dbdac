import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Project } from "./support/project";
import { makeKey, read, startSshd, type Sshd } from "./support/sshd";
import { until } from "./support/wait";

const program = `
import { remote } from "@pulumi/command";
import { readFileSync } from "node:fs";

new remote.Command("probe", JSON.parse(readFileSync("inputs.json", "utf8")) as remote.CommandArgs);
`;

/* The engine's own lock: what a person sees who updates a stack that a colleague, or CI, is updating. */
describe("a second update of the same stack", () => {
  let project: Project;
  let sshd: Sshd;
  const file = (name: string) => join(project.folder, name);
  const up = () => project.pulumi(["up", "--yes", "--skip-preview"]);
  beforeAll(async () => {
    project = await Project.make(program);
    const key = makeKey(project.folder, "key");
    sshd = await startSshd(file("sshd"), [key]);
    const { port, user, hostKeys } = sshd;
    const connection = { host: "127.0.0.1", port, user, privateKey: read(key), hostKey: hostKeys.ed25519 };
    const create = `echo begun >>'${file("log")}'; until [ -e '${file("go")}' ]; do sleep 0.1; done`;
    writeFileSync(file("inputs.json"), JSON.stringify({ connection, create }));
  }, 600_000);
  afterAll(async () => {
    writeFileSync(file("go"), "");
    await sshd.stop();
    project.remove();
  });

  it("is refused, names who holds the lock, and touches no machine; the first completes", async () => {
    const first = up();
    await until("the first update's command", () => existsSync(file("log")), 60);
    const second = await up();
    expect(second.code).not.toBe(0);
    expect(second.stdout + second.stderr).toMatch(/the stack is currently locked by 1 lock/);
    expect(second.stdout + second.stderr).toMatch(/created by .*\(pid \d+\) at /);
    expect(read(file("log"))).toBe("begun\n");
    writeFileSync(file("go"), "");
    expect((await first).code).toBe(0);
    expect((await up()).code).toBe(0);
    expect(read(file("log"))).toBe("begun\n");
  }, 240_000);
});
