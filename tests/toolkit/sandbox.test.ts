import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { waitFor } from "../../lab/progress";
import { Sandbox } from "./sandbox";

/* Of a command that hangs, a test must say more than that it took too long. */
describe("a sandbox", () => {
  const say = (): void => undefined;
  const until = (holds: () => boolean, what: string) =>
    waitFor(() => Promise.resolve(holds()), { what, limit: 60, say });

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
    await sandbox.close();
    await until(() => !existsSync(`/proc/${left}/exe`), `${left} to end`);
  });

  // A command is started outside, and enters then: on a busy machine, too late to be seen in the sandbox.
  it("takes along what is only on its way into it", async () => {
    const sandbox = await Sandbox.open();
    const folder = mkdtempSync(join(tmpdir(), "nodeprep-slow-"));
    const path = process.env.PATH ?? "";
    writeFileSync(join(folder, "nsenter"), slowNsenter(path), { mode: 0o755 });
    process.env.PATH = `${folder}:${path}`;
    const entering = sandbox.sh("exec sleep 296");
    process.env.PATH = path;
    await until(() => existsSync(join(folder, "begun")), "a command to begin");
    await sandbox.close();
    expect(await entering).toBe("");
    rmSync(folder, { recursive: true });
  });
});

/** Is called as the sandbox calls nsenter; has the way in open a second before it goes in. */
const slowNsenter = (path: string): string => `#!/bin/sh
PATH='${path}'
exec 3<"/proc/$2/ns/mnt"
shift 7
: >"\${0%/*}/begun"
sleep 1
exec nsenter --mount=/proc/self/fd/3 "$@"
`;
