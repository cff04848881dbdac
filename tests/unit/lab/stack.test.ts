import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { clusterStack, devStack, isConfigured } from "../../../lab/stack";

test("a stack without a configuration of its own has one once it was given one", async () => {
  const home = mkdtempSync(join(tmpdir(), "nodeprep-stack-"));
  try {
    const stack = { ...clusterStack, home };
    expect(await isConfigured(devStack)).toBe(true);
    expect(await isConfigured(stack)).toBe(false);
    mkdirSync(join(home, "stack"));
    const file = join(home, "stack", "Pulumi.cluster.yaml");
    // What the CLI writes when the stack is made.
    writeFileSync(file, "encryptionsalt: v1:x\n");
    expect(await isConfigured(stack)).toBe(false);
    writeFileSync(file, "encryptionsalt: v1:x\nconfig:\n  nodeprep:cluster:\n    name: lab\n");
    expect(await isConfigured(stack)).toBe(true);
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
});
