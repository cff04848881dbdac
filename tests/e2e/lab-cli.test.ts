import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "yaml";
import { ROOT } from "../../offline/paths";
import { run } from "../../offline/process";
import { fleetConfig } from "../many/config";
import { startFleet, type Fleet } from "../many/fleet";
import { labClone, type LabClone } from "./support/lab-clone";

/* `npm run lab -- …`, as far as it starts no machine and stops none: somebody's lab may be running in this clone. */
describe("the lab's command line", () => {
  const lab = (...words: string[]) =>
    run(join(ROOT, "node_modules", ".bin", "tsx"), [join(ROOT, "cli", "lab.ts"), ...words], { cwd: ROOT });

  it("names its commands where it is asked for help, or for one that it does not have", async () => {
    const help = await lab("--help");
    const unknown = await lab("constructor");
    const mistyped = await lab("cluster", "destory");
    expect([help.code, unknown.code, mistyped.code]).toEqual([0, 2, 2]);
    for (const command of ["preview", "up", "destroy", "ssh NODE", "cluster", "status", "down", "forget"])
      expect(help.stdout).toMatch(new RegExp(`^npm run lab -- ${command}\\b`, "m"));
    expect(unknown.stderr).toBe(`there is no lab command 'constructor'\n\n${help.stdout}`);
    expect(mistyped.stderr).toBe(`there is no lab command 'cluster destory'\n\n${help.stdout}`);
  });

  it("says which machines there are, where they are, and whether they run", async () => {
    const { code, stdout } = await lab("status");
    expect(code).toBe(0);
    const lines = stdout.trimEnd().split("\n");
    expect(lines.map((line) => line.replace(/(running|off)$/, "…"))).toEqual([
      "node-0  127.0.0.1:2210  …",
      "node-1  127.0.0.1:2211  …",
      "worker-0  127.0.0.1:2212  …",
      "worker-1  127.0.0.1:2213  …",
    ]);
  });

  it("logs in nowhere else", async () => {
    const { code, stderr } = await lab("ssh", "node-7", "true");
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: "name a machine of the lab: node-0, node-1, worker-0, worker-1\n",
    });
  });
});

/*
 * What the verbs do with the `dev` stack: in a copy of the program, which has a lab of its own, and on simulated nodes.
 * The lab's machines stay off; `newcomer` starts them.
 */
describe("the lab's verbs", () => {
  let fleet: Fleet;
  let lab: LabClone;
  beforeAll(async () => {
    fleet = await startFleet(2, () => "well");
    lab = await labClone();
    const config = { "nodeprep:cluster": fleetConfig(fleet) };
    await writeFile(join(lab.folder, "Pulumi.dev.yaml"), stringify({ config }));
  });
  beforeEach(() => fleet.reset());
  afterAll(async () => {
    await fleet.stop();
    await lab.remove();
  });
  const applies = () => fleet.hosts.map((host) => fleet.counts(host).applies > 5);

  it("up prepares the nodes and shows the outputs, and says which machines are off", async () => {
    const { code, stdout, stderr } = await lab.run("up");
    expect({ code, said: code === 0 ? "" : stdout + stderr }).toEqual({ code: 0, said: "" });
    expect(applies()).toEqual([true, true]);
    const outputs = JSON.parse(stdout.slice(stdout.indexOf("\nOutputs:\n") + 10)) as object;
    expect(Object.keys(outputs).sort()).toEqual(["cluster", "nodes"]);
    for (const name of ["node-0", "node-1"])
      expect(stderr).toContain(`${name}: is off; \`npm run lab\` switches it on\n`);
  });

  it("preview hands on what is for pulumi, and its exit code", async () => {
    const { code, stdout } = await lab.run("preview", "--expect-no-changes");
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/\d+ unchanged/) as unknown });
    expect((await lab.run("preview", "--no-such-option")).code).not.toBe(0);
    expect(applies()).toEqual([false, false]);
  });

  it("destroy gives the nodes back", async () => {
    expect((await lab.run("destroy")).code).toBe(0);
    expect(applies()).toEqual([false, false]);
    const undone = fleet.hosts.map((host) => fleet.counts(host).commands > 5);
    expect(undone).toEqual([true, true]);
  });

  it("down leaves machines that are off, and what is kept; forget leaves nothing", async () => {
    expect(await lab.run("down")).toEqual({ code: 0, stdout: "", stderr: "" });
    expect(await readdir(join(lab.folder, ".lab"))).toEqual(expect.arrayContaining(["passphrase", "state"]));
    expect(await lab.run("forget")).toEqual({ code: 0, stdout: "", stderr: "" });
    expect(await readdir(lab.folder)).not.toContain(".lab");
  });
});
