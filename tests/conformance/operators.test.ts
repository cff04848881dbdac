import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Stack } from "../e2e/support/stack";
import { fleetConfig } from "../many/config";
import { keyOf, startFleet, type Fleet } from "../many/fleet";
import { ed25519Pair } from "../unit/ssh-keys";
import { until } from "./support/wait";

/* Who runs an update must not show in what it would change; through the real engine, on a simulated node. */
describe("operators", () => {
  let fleet: Fleet;
  let folder: string;
  const stacks: Stack[] = [];
  const agents: ChildProcess[] = [];
  beforeEach(async () => {
    fleet = await startFleet(1, () => "well");
    folder = mkdtempSync(join(tmpdir(), "nodeprep-operators-"));
  });
  afterEach(async () => {
    for (const stack of stacks.splice(0)) await stack.remove();
    for (const agent of agents.splice(0)) agent.kill();
    await fleet.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const keyFile = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text, { mode: 0o600 });
    return join(folder, name);
  };
  const newStack = async (config: object): Promise<Stack> => {
    const stack = await Stack.create({ ...config });
    stacks.push(stack);
    return stack;
  };
  const startAgent = async (name: string, key: string): Promise<string> => {
    const socket = join(folder, name);
    agents.push(spawn("ssh-agent", ["-D", "-a", socket], { stdio: "ignore" }));
    await until("the agent's socket", () => existsSync(socket));
    execFileSync("ssh-add", ["-q", key], { env: { ...process.env, SSH_AUTH_SOCK: socket } });
    return socket;
  };

  it("with the same deploy key at another place see nothing to change", async () => {
    const stack = await newStack(fleetConfig(fleet));
    await stack.up();
    await stack.configure(
      fleetConfig(fleet, { privateKeyFile: keyFile("theirs", readFileSync(fleet.privateKeyFile, "utf8")) }),
    );
    await stack.expectNoChanges();
  }, 400_000);

  it("with agents of their own see nothing to change", async () => {
    const config = fleetConfig(fleet, { agent: true, privateKeyFile: undefined });
    const stack = await newStack(config);
    await stack.up({ SSH_AUTH_SOCK: await startAgent("mine.sock", fleet.privateKeyFile) });
    await stack.expectNoChanges({ SSH_AUTH_SOCK: await startAgent("theirs.sock", fleet.privateKeyFile) });
  }, 400_000);

  it("can change the key: add the new one, update, remove the old one, and destroy", async () => {
    const stack = await newStack(fleetConfig(fleet));
    await stack.up();
    const next = ed25519Pair();
    fleet.letIn.add(keyOf(next.public));
    await stack.configure(fleetConfig(fleet, { privateKeyFile: keyFile("new", next.private) }));
    await stack.up();
    for (const key of [...fleet.letIn]) if (key !== keyOf(next.public)) fleet.letIn.delete(key);
    await stack.expectNoChanges();
    fleet.reset();
    await stack.destroy();
    expect(fleet.counts(fleet.hosts[0] ?? "").commands).toBeGreaterThan(5);
  }, 400_000);
});
