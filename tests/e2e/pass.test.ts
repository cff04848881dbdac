import { outputsSchema } from "../../components/outputs-schema";
import { tamperings } from "./tamperings";
import { bareFingerprint } from "./support/bare-fingerprint";
import { bareMachine, leave, type TestMachine } from "./support/machine";
import { keepPrepared, preparedConfig } from "./support/prepared-cluster";
import { prepared } from "./support/prepared";
import { compare, fingerprint } from "./support/fingerprint";
import { Stack } from "./support/stack";

/*
 * The main job on one machine, from the first `up` to the last `destroy`, through the real engine. Everything that
 * is claimed of the machine is looked at over SSH with plain commands.
 */
describe("one machine, from bare to prepared and back", () => {
  let machine: TestMachine;
  let stack: Stack;
  let found: string;

  beforeAll(async () => {
    machine = await bareMachine();
    found = await bareFingerprint(machine);
    stack = await Stack.create(preparedConfig(machine));
  });
  afterAll(() => leave(stack, machine));

  it("previews the first update without touching the machine", async () => {
    const preview = await stack.preview();
    expect(preview.code).toBe(0);
    expect(preview.changes).toContain("node-0-kernel-prereqs: create");
    expect(await machine.sh("ls -d /var/lib/nodeprep /usr/local/lib/nodeprep 2>/dev/null | wc -l")).toBe(
      "0\n",
    );
  });

  it("prepares it", async () => {
    await stack.up();
    expect(await prepared(machine)).toEqual([]);
    await keepPrepared(machine, stack);
  });

  it("has outputs for a later bootstrap", async () => {
    const outputs = await stack.outputs();
    expect(outputs).toMatchObject({
      cluster: { name: "e2e", kubernetesVersion: "1.34.2", podCidrs: ["10.200.0.0/16"] },
      nodes: {
        "node-0": {
          role: "worker",
          criSocket: "unix:///run/containerd/containerd.sock",
          cgroupDriver: "systemd",
          runtime: "containerd",
        },
      },
    });
    expect(outputsSchema.safeParse(outputs).error).toBeUndefined();
    const node = (outputs["nodes"] as Record<string, Record<string, string>>)["node-0"];
    expect(node?.["kernel"]).toBe((await machine.sh("uname -r")).trim());
    expect(await machine.sh("containerd --version")).toContain(node?.["runtimeVersion"]?.split("~")[0]);
  });

  it("has nothing to change afterwards", () => stack.expectNoChanges());

  it("sees one tampering of each kind, all of them and nothing else, and repairs them", async () => {
    const { expected, scripts, phrases } = await oneTamperingOfEachKind(stack);
    for (const script of scripts) await machine.sh(script);
    const preview = await stack.preview();
    const named = preview.warnings.flatMap((text) => /node-0: ([a-z_]+:\S+) /.exec(text)?.[1] ?? []);
    expect([...new Set(named)].sort()).toEqual([...expected].sort());
    for (const [name, phrase] of phrases)
      expect(preview.warnings.find((text) => text.includes(`node-0: ${name} `))).toMatch(phrase);
    await stack.up();
    await stack.expectNoChanges();
    expect(await prepared(machine)).toEqual([]);
  });

  it("is still prepared after a reboot", async () => {
    await machine.reboot();
    expect(await prepared(machine)).toEqual([]);
    await stack.expectNoChanges();
  });

  it("gives the machine back as it was found", async () => {
    await stack.destroy();
    // The swap line of the tampering is not nodeprep's: undo gives it back to whoever wrote it.
    expect(await machine.sh("tail -n 1 /etc/fstab")).toBe("/swap.img\tnone\tswap\tsw\t0\t0\n");
    await machine.sh("sed -i '$d' /etc/fstab && systemctl daemon-reload");
    expect(compare(found, await fingerprint(machine))).toEqual([]);
  });
});

/** The first tampering that the table has for each kind that the stack uses, one requirement a kind. */
async function oneTamperingOfEachKind(
  stack: Stack,
): Promise<{ expected: Set<string>; scripts: string[]; phrases: Map<string, RegExp> }> {
  const all = [...(await stack.requirements()).values()].flat();
  const expected = new Set<string>();
  const scripts: string[] = [];
  const phrases = new Map<string, RegExp>();
  for (const kind of new Set(all.map((requirement) => requirement.kind))) {
    const make = tamperings[kind];
    if (!make) throw new Error(`no tampering is known for requirements of kind ${kind}: add it to the table`);
    // With firewalld stopped, there are no rules to take away. SELinux has a machine and a suite of its own.
    if (kind === "firewall_daemon" || kind === "selinux") continue;
    const requirement = all.findLast((one) => one.kind === kind && !expected.has(`${kind}:${one.key}`));
    const tampering = requirement && make(requirement)[0];
    if (!requirement || !tampering) continue;
    scripts.push(tampering.script);
    const name = `${kind}:${requirement.key}`;
    expected.add(name);
    phrases.set(name, tampering.phrase);
    for (const other of all)
      if (kind !== "service" && tampering.also?.test(`${other.kind}:${other.key}`))
        expected.add(`${other.kind}:${other.key}`);
  }
  return { expected, scripts, phrases };
}
