import { requirementName } from "../../plan/requirement";
import { clusterConfig } from "./support/config";
import { compare, fingerprint } from "./support/fingerprint";
import { bareMachine, leave, type TestMachine } from "./support/machine";
import { Stack } from "./support/stack";
import { tamperings } from "./tamperings";

const modes = "getenforce; sed -n s/^SELINUX=//p /etc/selinux/config";

/** A machine on which SELinux enforces while nodeprep works, as on those of the Red Hat family. */
describe("a machine with SELinux", () => {
  let machine: TestMachine;
  let stack: Stack;
  let found: string;

  beforeAll(async () => {
    machine = await bareMachine("selinux");
    await machine.sh("setenforce 1; sed -i s/^SELINUX=.*/SELINUX=enforcing/ /etc/selinux/config");
    found = await fingerprint(machine);
    stack = await Stack.create(
      clusterConfig(
        { "node-0": { machine, role: "worker" } },
        { selinux: "permissive", firewall: { backend: "none" } },
      ),
    );
  });
  afterAll(() => leave(stack, machine));

  it("is permissive, now and after the next boot", async () => {
    await stack.up();
    expect(await machine.sh(modes)).toBe("Permissive\npermissive\n");
    await stack.expectNoChanges();
  });

  it("labels what it writes", async () => {
    const written = "/usr/local/lib/nodeprep /etc/modules-load.d /etc/sysctl.d /etc/containerd /home/kube";
    expect(await machine.sh(`restorecon -nRv ${written}`)).toBe("");
  });

  it("sees each tampering with the mode, and repairs it", async () => {
    const [requirement] = (await stack.requirements()).get("node-0-selinux") ?? [];
    if (!requirement) throw new Error("the stage has no requirement");
    for (const { script, phrase, title } of tamperings["selinux"]?.(requirement) ?? []) {
      await machine.sh(script);
      const preview = await stack.preview();
      expect({ title, changes: preview.changes }).toEqual({ title, changes: ["node-0-selinux: update"] });
      const prefix = `node-0: ${requirementName(requirement)} `;
      const seen = preview.warnings.find((text) => text.startsWith(prefix));
      expect(seen?.slice(prefix.length)).toMatch(phrase);
      await stack.up();
      expect(await machine.sh(modes)).toBe("Permissive\npermissive\n");
    }
    await stack.expectNoChanges();
  });

  it("enforces again when it is given back", async () => {
    await stack.destroy();
    expect(await machine.sh(modes)).toBe("Enforcing\nenforcing\n");
    expect(compare(found, await fingerprint(machine))).toEqual([]);
  });
});
