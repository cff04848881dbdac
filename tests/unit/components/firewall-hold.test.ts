import * as pulumi from "@pulumi/pulumi";
import { holdFirewall } from "../../../components/firewall-hold";
import type { StageResource } from "../../../components/surveyed-node";
import type { Visit } from "../../../survey/visit";
import { mockEngine, warnings } from "./engine";
import { reached, surveyed } from "./fixtures";

beforeAll(mockEngine);

/** Holds the firewall of a node, whose window is a second, until it was visited twice; what was warned of meanwhile. */
async function heldBy(answer: Visit): Promise<readonly string[]> {
  const requirements = [{ kind: "firewall_daemon", key: "firewalld", value: "running confirm-within=1" }];
  const survey = { ...reached([]), stages: [{ name: "firewall", requirements }] };
  let confirm = (): void => undefined;
  const confirmed = new Promise<Record<string, string>>((resolve) => (confirm = () => resolve({})));
  const stage = (report: pulumi.Input<Record<string, string>>) =>
    ({ report: pulumi.output(report) }) as unknown as StageResource;
  const stages = new Map([
    ["firewall", stage({})],
    ["firewall-confirm", stage(confirmed)],
  ]);
  await new Promise<void>((resolve) => {
    let visits = 0;
    const visit: Visit = (words, what) => {
      expect(words).toEqual(["firewall-hold"]);
      if (++visits > 1) resolve();
      return answer(words, what);
    };
    holdFirewall(surveyed([], { survey, visit }), stages);
  });
  // What the last visit came to is said before the stage is confirmed.
  await new Promise(setImmediate);
  confirm();
  return warnings();
}

describe("while new firewall rules wait to be confirmed", () => {
  it("a visit that does its work is not worth a word", async () => {
    expect(await heldBy(() => Promise.resolve({ code: 0, stdout: "", stderr: "" }))).toEqual([]);
  });

  it("a visit that fails on the node is a warning, as one that does not get there", async () => {
    const failing = await heldBy(() => Promise.resolve({ code: 127, stdout: "", stderr: "sh: \u001b[2J\n" }));
    expect(failing[0]).toMatch(/^node-0: its firewall rules.*are not confirmed yet.* sh: \?\[2J\. Unless/);
    const lost = await heldBy(() => Promise.reject(new Error("it is gone")));
    expect(lost[0]).toMatch(/it is gone\. Unless/);
  });
});
