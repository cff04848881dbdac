import { bareFingerprint } from "./support/bare-fingerprint";
import { singleStage } from "./support/examples";
import { compare, fingerprint } from "./support/fingerprint";
import { bareMachine, leave, type TestMachine } from "./support/machine";
import { Stack } from "./support/stack";

describe("examples/single-stage: one stage in a program of somebody's own", () => {
  let machine: TestMachine;
  let stack: Stack;
  beforeAll(async () => {
    machine = await bareMachine();
    const { host, port, hostKey, privateKeyFile } = machine;
    stack = await Stack.create({ host, port, hostKey, privateKeyFile }, { program: singleStage });
  });
  afterAll(() => leave(stack, machine));

  it("holds, shows its drift, and is undone", async () => {
    const found = await bareFingerprint(machine);
    await stack.up();
    expect(await machine.sh("sysctl -n vm.dirty_ratio net.ipv4.ip_forward")).toBe("10\n1\n");
    await stack.expectNoChanges();
    await machine.sh("sysctl -qw vm.dirty_ratio=20");
    expect((await stack.preview()).changes).toEqual(["db-1-kernel: update"]);
    await stack.up();
    expect(await machine.sh("sysctl -n vm.dirty_ratio")).toBe("10\n");
    await stack.destroy();
    expect(compare(found, await fingerprint(machine))).toEqual([]);
  });
});
