import { Stack, type ClusterConfig } from "../e2e/support/stack";
import { fleetConfig, nodeName } from "../many/config";
import { startFleet, type Fleet } from "../many/fleet";

/*
 * An update of some resources alone, in a configuration with nodes that are new: their resources are left out, and have
 * outputs without a value. Simulated nodes, through the real engine, provider and language host.
 */
describe("an update with targets", () => {
  let fleet: Fleet;
  let stack: Stack;
  let config: ClusterConfig;
  beforeAll(async () => {
    fleet = await startFleet(3, () => "well");
    config = fleetConfig(fleet);
    const known = fleetConfig({ ...fleet, hosts: fleet.hosts.slice(0, 2) });
    stack = await Stack.create(known);
    await stack.up();
    await stack.configure(config);
  }, 600_000);
  beforeEach(() => fleet.reset());
  afterAll(async () => {
    await stack.remove();
    await fleet.stop();
  });

  it.each([
    ["up", "--skip-preview", "--target", `**::${nodeName(0)}-*`],
    ["refresh", "--run-program"],
  ])(
    "ends well, and does nothing on a node that is none: %s",
    async (...words) => {
      const { code, stdout, stderr } = await stack.run([
        ...words,
        "--yes",
        "--config-file",
        stack.configFile,
      ]);
      const said = stdout + stderr;
      expect({ code, said: code === 0 ? "" : said }).toEqual({ code: 0, said: "" });
      expect(said).not.toMatch(/TypeError|Unhandled|RejectionHandled/);
      expect(fleet.counts(fleet.hosts[2] ?? "")).toMatchObject({ applies: 0 });
      if (words[0] === "up")
        expect(said).toContain(
          `nodeprep: 2 of 3 nodes are done: ${nodeName(0)}, ${nodeName(1)}. ` +
            `Not come to their end (see the errors), or no targets of this update: ${nodeName(2)}.`,
        );
    },
    240_000,
  );

  it("leaves the rest to the next, which has none", async () => {
    await stack.up();
    expect(fleet.counts(fleet.hosts[2] ?? "").applies).toBeGreaterThan(5);
    await stack.expectNoChanges();
  }, 240_000);

  it("that replaces a stage leaves it applied: it is undone before, not afterwards", async () => {
    const { code, stdout, stderr } = await stack.run([
      ...["up", "--yes", "--skip-preview", "--replace", `**::${nodeName(0)}-kernel-prereqs`],
      ...["--config-file", stack.configFile],
    ]);
    expect({ code, said: code === 0 ? "" : stdout + stderr }).toEqual({ code: 0, said: "" });
    expect(fleet.counts(fleet.hosts[0] ?? "")).toMatchObject({ applies: 1 });
    await stack.expectNoChanges();
  }, 240_000);
});
