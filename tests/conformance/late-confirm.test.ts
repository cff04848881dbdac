import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Stack } from "../e2e/support/stack";
import { fleetConfig } from "../many/config";
import { startFleet, type Fleet } from "../many/fleet";

/*
 * What happens with hundreds of nodes, made of five: the engine does one thing at a time, so that the stages which
 * confirm the firewalls wait for their turn longer than the nodes wait for them. Simulated nodes, through the real
 * engine, provider and language host.
 */
describe("confirms that come late because others have their turn", () => {
  const seconds = 30;
  let fleet: Fleet;
  let stack: Stack;
  let folder: string;
  beforeAll(async () => {
    const pace = (command: string) => (command.includes(" apply firewall ") ? (seconds / 4 + 1) * 1000 : 0);
    fleet = await startFleet(5, () => "well", pace);
    folder = mkdtempSync(join(tmpdir(), "nodeprep-late-"));
    const key = join(folder, "key");
    writeFileSync(key, fleet.privateKey, { mode: 0o600 });
    stack = await Stack.create({ ...fleetConfig(fleet, key), firewall: { confirmWithin: seconds } });
  }, 600_000);
  afterAll(async () => {
    await stack.remove();
    await fleet.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it("do not put a healthy node's old rules back", async () => {
    const line = ["up", "--yes", "--skip-preview", "--parallel", "1", "--config-file", stack.configFile];
    const { code, stdout, stderr } = await stack.run(line);
    const counts = fleet.hosts.map((host) => fleet.counts(host));
    expect(Math.max(...counts.map(({ unconfirmed }) => unconfirmed))).toBeGreaterThan(seconds * 1000);
    expect(stdout + stderr).not.toContain("not confirmed");
    expect(code).toBe(0);
    expect(Math.max(...counts.map(({ held }) => held))).toBeGreaterThan(0);
  }, 480_000);
});
