import { readFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { version as kubernetes } from "@pulumi/kubernetes/package.json";
import { version as random } from "@pulumi/random/package.json";
import { Stack } from "../e2e/support/stack";
import { fleetConfig } from "../many/config";
import { startFleet, type Fleet } from "../many/fleet";
import { kubeconfig } from "../unit/config/certificates";

/*
 * What a stack has once, by providers that are not here: stand-ins note what they are asked for. Through the real engine
 * and language host, which load the program in their own way.
 */
describe("a join token and the API server's access to kubelets", () => {
  let fleet: Fleet;
  let stack: Stack;
  const log = () => join(stack.folder, "asked");
  const config = (name: string) => ({
    ...fleetConfig(fleet),
    name,
    kubeadm: { generateJoinToken: true },
    kubeletApiAccess: { kubeconfigFile: join(stack.folder, "kubeconfig") },
  });
  beforeAll(async () => {
    fleet = await startFleet(1, () => "well");
    stack = await Stack.create(fleetConfig(fleet));
    // A token: the certificates of the tests do not hold for ever.
    const users = [{ name: "me", user: { token: "secret" } }];
    await writeFile(join(stack.folder, "kubeconfig"), kubeconfig(undefined, undefined, { users }));
    await standIn("random", random);
    await standIn("kubernetes", kubernetes);
  }, 600_000);
  afterAll(async () => {
    await stack.remove();
    await fleet.stop();
  });

  async function standIn(name: string, version: string): Promise<void> {
    const folder = join(stack.folder, "home", "plugins", `resource-${name}-v${version}`);
    await mkdir(folder, { recursive: true });
    const script = join(__dirname, "support", "stand-in-provider.js");
    const line = `exec node '${script}' '${log()}' "$@"`;
    await writeFile(join(folder, `pulumi-resource-${name}`), `#!/bin/sh\n${line}\n`, { mode: 0o755 });
  }

  it("are made once, and stay as they are when the cluster gets another name", async () => {
    await stack.configure(config("dev"));
    await stack.up();
    const asked = readFileSync(log(), "utf8");
    expect(asked.trim().split("\n").sort()).toEqual([
      "create api-server-kubelet-api",
      "create api-server-kubelet-api",
      "create join-token-id",
      "create join-token-secret",
    ]);
    expect((await stack.preparedOutputs()).cluster.joinToken).toMatch(/^[0-9a-f]{6}\.[0-9a-f]{16}$/);
    fleet.reset();
    await stack.configure(config("prod"));
    await stack.up();
    expect(readFileSync(log(), "utf8")).toBe(asked);
    expect(fleet.counts(fleet.hosts[0] ?? "")).toMatchObject({ applies: 0, undone: 0 });
  }, 240_000);
});
