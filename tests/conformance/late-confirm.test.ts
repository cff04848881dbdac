import { Stack, type ClusterConfig } from "../e2e/support/stack";
import { fleetConfig } from "../many/config";
import { startFleet, type Fleet } from "../many/fleet";

/*
 * What happens with hundreds of nodes, made of five: the engine does one thing at a time, so that the stages which
 * confirm the firewalls wait for their turn longer than the nodes wait for them. Simulated nodes, through the real
 * engine, provider and language host.
 */
describe("confirms that come late because others have their turn", () => {
  const seconds = 30;
  let pace = seconds / 4 + 1;
  let fleet: Fleet;
  let stack: Stack;
  let config: (extraPorts: readonly string[]) => ClusterConfig;
  beforeAll(async () => {
    fleet = await startFleet(
      5,
      () => "well",
      (command) => (command.includes(" apply firewall ") ? pace * 1000 : 0),
    );
    config = (extraPorts) => ({
      ...fleetConfig(fleet),
      firewall: { confirmWithin: seconds, extraPorts },
    });
    stack = await Stack.create(config(["8080/tcp"]));
  }, 600_000);
  beforeEach(() => fleet.reset());
  afterAll(async () => {
    await stack.remove();
    await fleet.stop();
  });

  async function upHolds(): Promise<void> {
    const line = ["up", "--yes", "--skip-preview", "--parallel", "1", "--config-file", stack.configFile];
    const { code, stdout, stderr } = await stack.run(line);
    const counts = fleet.hosts.map((host) => fleet.counts(host));
    expect(Math.max(...counts.map(({ unconfirmed }) => unconfirmed))).toBeGreaterThan(seconds * 1000);
    expect(stdout + stderr).not.toContain("not confirmed");
    expect(code).toBe(0);
    expect(Math.max(...counts.map(({ held }) => held))).toBeGreaterThan(0);
  }

  it("do not put a healthy node's old rules back", upHolds, 480_000);

  it("do not put rules back that only leave, of which a survey sees nothing", async () => {
    // Nothing else is created meanwhile: a confirm may wait for no more than two others.
    pace = seconds / 2 + 1;
    await stack.configure(config([]));
    await upHolds();
  }, 480_000);
});
