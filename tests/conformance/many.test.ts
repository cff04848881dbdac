import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { Stack } from "../e2e/support/stack";
import { fleetConfig, nodeName } from "../many/config";
import { startFleet, type Fleet } from "../many/fleet";

/*
 * Ten simulated nodes, one of them dead and one slow, through the real engine, provider and language host. What is
 * bounded is counted, not timed: connections at a time, connections and bytes a node. How long a thousand take is
 * measured by `npm run bench:many`.
 */
describe("ten nodes, one dead and one slow", () => {
  const size = 10;
  const [dead, slow] = [3, 7];
  let fleet: Fleet;
  let stack: Stack;
  let folder: string;
  beforeAll(async () => {
    fleet = await startFleet(size, (n) => (n === dead ? "dead" : n === slow ? "slow" : "well"));
    folder = mkdtempSync(join(tmpdir(), "nodeprep-many-"));
    const key = join(folder, "key");
    writeFileSync(key, fleet.privateKey, { mode: 0o600 });
    stack = await Stack.create(fleetConfig(fleet, key, { maxConnections: 4 }));
  }, 600_000);
  beforeEach(() => fleet.reset());
  afterAll(async () => {
    await stack.remove();
    await fleet.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const alive = () => fleet.hosts.filter((_, index) => index !== dead).map((host) => fleet.counts(host));
  const ofDead = new RegExp(`^${nodeName(dead)}-`);

  it("a preview takes one connection a node, no more at a time than allowed, and names the dead one", async () => {
    const { code, changes, warnings } = await stack.preview();
    expect(code).toBe(0);
    expect(warnings.filter((text) => text.includes("was not surveyed"))).toEqual([
      expect.stringContaining(`${nodeName(dead)} was not surveyed and is left alone`),
    ]);
    expect(new Set(changes.map((change) => change.slice(0, 9))).size).toBe(size);
    expect(fleet.open.most).toBeGreaterThan(1);
    expect(fleet.open.most).toBeLessThanOrEqual(4);
    for (const counts of alive()) {
      expect(counts).toMatchObject({ logins: 1, commands: 2 });
      expect(counts.bytes).toBeLessThan(64_000);
    }
  }, 240_000);

  it("an update takes one more for each stage, as many at a time as the engine works on, and does all but the dead one", async () => {
    const { code, stdout, stderr } = await stack.tryUp();
    expect(code).not.toBe(0);
    expect(stdout + stderr).toMatch(
      /after 2 failed attempts: ssh: handshake failed: \S+ did not complete it within 8 s/,
    );
    const stages = [...(await stack.requirements()).keys()].filter((name) => name.startsWith(nodeName(0)));
    expect(stages.length).toBeGreaterThan(5);
    // Pulumi's default for --parallel is four times the number of processors.
    expect(fleet.open.most).toBeLessThanOrEqual(4 * availableParallelism());
    for (const counts of alive()) {
      // The survey's commands and the one that brings the toolkit share a connection.
      expect(counts).toMatchObject({ logins: 1 + stages.length, commands: 3 + stages.length });
      expect(counts.bytes).toBeLessThan(200_000);
    }
  }, 480_000);

  it("then nothing is to be done but for the dead one", async () => {
    const { changes } = await stack.preview();
    expect(changes.length).toBeGreaterThan(5);
    expect(changes.filter((change) => !ofDead.test(change))).toEqual([]);
    for (const counts of alive()) expect(counts).toMatchObject({ logins: 1, commands: 2 });
  }, 240_000);
});
