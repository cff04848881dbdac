import { NodeSecrets, nodeSecrets } from "../../../components/node-secrets";
import { Toolkit } from "../../../components/toolkit";
import { WorkerNode } from "../../../components/worker-node";
import { Secret } from "../../../config/secret";
import { encodeRequirements } from "../../../plan/requirement";
import { declaredBy, mockEngine, valueOf } from "./engine";
import { context, facts, surveyed } from "./fixtures";

describe("the node-secrets stage", () => {
  beforeAll(mockEngine);
  const secrets = { "kubelet.key": new Secret("key of the kubelet\n") };

  it("names secrets by keyed digests", () => {
    const text = encodeRequirements(nodeSecrets.requirements({ secrets }, facts, context));
    expect(text).toMatch(
      /^secret digest-key digest=[0-9a-f]{64}\nsecret kubelet\.key digest=[0-9a-f]{64}\n$/,
    );
  });

  it("sends their texts in an input that is a secret as a whole", async () => {
    const stages = [Toolkit.stage({}), NodeSecrets.stage({ secrets })];
    const declared = await declaredBy((opts) => new WorkerNode("node-0", { node: surveyed(stages) }, opts));
    const command = declared.find(
      ({ name, type }) => name === "node-0-node-secrets" && type === "command:remote:Command",
    );
    const stdin = command?.inputs["stdin"] as { isSecret: Promise<boolean> };
    expect(await stdin.isSecret).toBe(true);
    expect(await valueOf(command?.inputs["stdin"])).toMatch(/\n {2}\|key of the kubelet\n$/);
    const inputs = { ...command?.inputs, stdin: "", connection: "" };
    expect(JSON.stringify(inputs)).not.toContain("key of the kubelet");
  });
});
