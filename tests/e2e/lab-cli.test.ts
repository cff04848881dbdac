import { join } from "node:path";
import { ROOT } from "../../offline/paths";
import { run } from "../../offline/process";

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
