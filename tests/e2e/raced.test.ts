import type { RunResult } from "../../offline/process";
import { bareFingerprint } from "./support/bare-fingerprint";
import { clusterConfig } from "./support/config";
import { compare, fingerprint } from "./support/fingerprint";
import { bareMachine, leave, type TestMachine } from "./support/machine";
import { Stack } from "./support/stack";

/*
 * Two stacks name one untouched machine and begin with it at once, so that no survey can know of the other. (What a
 * second stack is told that comes later: tests/unit/survey/survey.test.ts.)
 */
describe("two stacks that begin with one machine at once", () => {
  const names = ["blue", "green"] as const;
  let machine: TestMachine;
  let stacks: Stack[] = [];
  let ends: readonly RunResult[] = [];
  let found: string;
  beforeAll(async () => {
    machine = await bareMachine();
    found = await bareFingerprint(machine);
    const config = clusterConfig(
      { "node-0": { machine, role: "worker" } },
      { firewall: { backend: "none" }, swap: "untouched", selinux: "untouched" },
    );
    stacks = await Promise.all(names.map((name) => Stack.create(config, { name })));
  });
  afterAll(async () => {
    for (const stack of stacks) await stack.remove();
    await leave(undefined, machine);
  });

  const winner = () => ends.findIndex(({ code }) => code === 0);

  it("prepare it once: the other is refused, and told whose the machine is", async () => {
    ends = await Promise.all(stacks.map((stack) => stack.tryUp()));
    expect(ends.filter(({ code }) => code === 0)).toHaveLength(1);
    const [first = "", second = ""] = winner() === 0 ? names : names.toReversed();
    const { stdout = "", stderr = "" } = ends[1 - winner()] ?? {};
    expect(stdout + stderr).toContain(
      `this machine is prepared by the stack organization/nodeprep/${first} (as node node-0), not by organization/nodeprep/${second}; if this is that stack, renamed or moved, or takes its place, set adopt: true`,
    );
    await stacks[winner()]?.expectNoChanges();
  });

  it("leave it to the one: what the other destroys takes nothing away", async () => {
    await stacks[1 - winner()]?.destroy();
    await stacks[winner()]?.expectNoChanges();
    expect(await machine.sh("sysctl -n net.ipv4.ip_forward; systemctl is-active containerd")).toBe(
      "1\nactive\n",
    );
    await stacks[winner()]?.destroy();
    expect(compare(found, await fingerprint(machine))).toEqual([]);
  });
});
