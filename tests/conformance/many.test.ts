import { availableParallelism } from "node:os";
import { Stack } from "../e2e/support/stack";
import { fleetConfig, nodeName } from "../many/config";
import { startFleet, type Fleet } from "../many/fleet";
import type { Health } from "../many/node";

/*
 * Ten simulated nodes, one of them dead, one slow, one broken and one the clone of another, through the real engine, provider and language host. What is
 * bounded is counted, not timed: connections at a time, connections and bytes a node. How long a thousand take is
 * measured by `npm run bench:many`.
 */
describe("ten nodes, one dead, one slow, one broken and one a clone of another", () => {
  const size = 10;
  const [broken, dead, original, clone, slow] = [2, 3, 4, 5, 7];
  const ill: Readonly<Record<number, Health>> = {
    [broken]: "broken",
    [dead]: "dead",
    [clone]: "clone",
    [slow]: "slow",
  };
  let fleet: Fleet;
  let stack: Stack;
  beforeAll(async () => {
    fleet = await startFleet(size, (n) => ill[n] ?? "well");
    stack = await Stack.create(fleetConfig(fleet, { maxConnections: 4 }));
  }, 600_000);
  beforeEach(() => fleet.reset());
  afterAll(async () => {
    await stack.remove();
    await fleet.stop();
  });

  const refused = [dead, original, clone];
  const isWell = (index: number) => index !== broken && !refused.includes(index);
  const counts = (which: (index: number) => boolean) =>
    fleet.hosts.filter((_, index) => which(index)).map((host) => fleet.counts(host));
  const ofOthers = new RegExp(`^(${[broken, ...refused].map(nodeName).join("|")})-`);

  it("a preview takes one connection a node, no more at a time than allowed, and names the dead one and both clones", async () => {
    const { code, changes, warnings } = await stack.preview();
    expect(code).toBe(0);
    expect(warnings.filter((text) => text.includes("was not surveyed"))).toEqual([
      expect.stringContaining(`${nodeName(dead)} was not surveyed and is left alone`),
    ]);
    for (const [node, other] of [
      [original, clone],
      [clone, original],
    ] as const)
      expect(warnings.join("\n")).toContain(
        `${nodeName(node)} is refused and is left alone: it has the same machine-id as ${nodeName(other)} (`,
      );
    expect(new Set(changes.map((change) => change.slice(0, 9))).size).toBe(size);
    expect(fleet.open.most).toBeGreaterThan(1);
    expect(fleet.open.most).toBeLessThanOrEqual(4);
    for (const node of counts((index) => index !== dead)) {
      expect(node).toMatchObject({ logins: 1, commands: 2 });
      expect(node.bytes).toBeLessThan(64_000);
    }
  }, 240_000);

  it("an update takes one more for each stage, as many at a time as the engine works on, and does all but the dead one, the broken one and the clones", async () => {
    const { code, stdout, stderr } = await stack.tryUp();
    expect(code).not.toBe(0);
    expect(stdout + stderr).toMatch(
      /after 2 failed attempts: ssh: handshake failed: \S+ did not complete it within 8 s/,
    );
    const names = (which: (index: number) => boolean) =>
      fleet.hosts.flatMap((_, index) => (which(index) ? nodeName(index) : [])).join(", ");
    expect(stdout + stderr).toContain(
      `nodeprep: 6 of 10 nodes are done: ${names(isWell)}. ` +
        `Left alone, each with a warning that says why: ${names((n) => refused.includes(n))}. ` +
        `Not come to their end (see the errors), or no targets of this update: ${nodeName(broken)}.`,
    );
    const stages = [...(await stack.requirements()).keys()].filter((name) => name.startsWith(nodeName(0)));
    expect(stages.length).toBeGreaterThan(5);
    // Pulumi's default for --parallel is four times the number of processors.
    expect(fleet.open.most).toBeLessThanOrEqual(4 * availableParallelism());
    for (const node of counts(isWell)) {
      // The survey's two commands, then those that bring the names of early packages and the toolkit.
      expect(node).toMatchObject({ logins: 2 + stages.length, commands: 4 + stages.length });
      expect(node.applies).toBe(stages.length);
      expect(node.bytes).toBeLessThan(200_000);
    }
    for (const node of counts((index) => index === original || index === clone)) expect(node.applies).toBe(0);
  }, 480_000);

  it("then nothing is to be done but for those", async () => {
    const { changes } = await stack.preview();
    expect(changes.length).toBeGreaterThan(5);
    expect(changes.filter((change) => !ofOthers.test(change))).toEqual([]);
    for (const node of counts((index) => index !== dead))
      expect(node).toMatchObject({ logins: 1, commands: 2 });
  }, 240_000);
});
