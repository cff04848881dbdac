import { existsSync } from "node:fs";
import { waitFor } from "../../lab/progress";
import { Sandbox } from "./sandbox";

/* Of a command that hangs, a test must say more than that it took too long. */
describe("a sandbox", () => {
  const say = (): void => undefined;
  const gone = (pid: string) =>
    waitFor(() => Promise.resolve(!existsSync(`/proc/${pid}/exe`)), {
      what: `${pid} to end`,
      limit: 60,
      say,
    });

  it("names what runs in it when a command does not end, with what that has said", async () => {
    const sandbox = await Sandbox.open({ command: 2, output: 60 });
    const hanging = sandbox.sh("echo before; sleep 299; :");
    await expect(hanging).rejects.toThrow(
      /^a command did not end within 2 s: [^]*before\n[^]*\n {2}\d+ sleep 299: child of \d+, state S in \w+; .*socket:/,
    );
    await sandbox.close();
  });

  it("names who holds the output of a command that has ended", async () => {
    const sandbox = await Sandbox.open({ command: 60, output: 1 });
    await expect(sandbox.sh("sleep 298 & :")).rejects.toThrow(
      /^a command ended, and its output did not within 1 s: [^]*\n {2}\d+ sleep 298: /,
    );
    await sandbox.close();
  });

  it("takes along what still runs in it", async () => {
    const sandbox = await Sandbox.open();
    const left = (await sandbox.sh("sleep 297 >/dev/null 2>&1 & echo $!")).trim();
    const running = sandbox.sh("exec sleep 296");
    await sandbox.close();
    await gone(left);
    expect(await running).toBe("");
  });
});
