import * as pulumi from "@pulumi/pulumi";
import { Firewall, FirewallConfirm, FirewallGuard } from "../../../components/firewall";
import { holdFirewall } from "../../../components/firewall-hold";
import type { StageResource } from "../../../components/surveyed-node";
import { Toolkit } from "../../../components/toolkit";
import { WorkerNode } from "../../../components/worker-node";
import type { Visit } from "../../../survey/visit";
import { declaredBy, mockEngine, warnings } from "./engine";
import { reached, surveyed } from "./fixtures";

/** How long it waited each time, in milliseconds. */
const waits: unknown[] = [];
jest.mock("node:timers/promises", () => {
  const real = jest.requireActual<typeof import("node:timers/promises")>("node:timers/promises");
  return {
    ...real,
    setTimeout: (...words: Parameters<typeof real.setTimeout>) => {
      mockWaits(words[0]);
      return real.setTimeout(...words);
    },
  };
});
function mockWaits(time: unknown): void {
  waits.push(time);
}

beforeAll(mockEngine);
beforeEach(() => void waits.splice(0));

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
  it("every node that has them is seen to", async () => {
    const args = { zone: "public" };
    const rules = [FirewallGuard.stage(args), Firewall.stage(args), FirewallConfirm.stage(args)];
    const node = surveyed([Toolkit.stage({}), ...rules]);
    await declaredBy((opts) => new WorkerNode("node-0", { node }, opts));
    expect(waits).toEqual([100_000]);
  });

  it("a visit each third of the window that does its work is not worth a word", async () => {
    expect(await heldBy(() => Promise.resolve({ code: 0, stdout: "", stderr: "" }))).toEqual([]);
    expect(waits.slice(0, 2)).toEqual([1000 / 3, 1000 / 3]);
  });

  it("a visit that fails on the node is a warning, as one that does not get there", async () => {
    const failing = await heldBy(() => Promise.resolve({ code: 127, stdout: "", stderr: "sh: \u001b[2J\n" }));
    expect(failing[0]).toMatch(/^node-0: its firewall rules.*are not confirmed yet.* sh: \?\[2J\. Unless/);
    const lost = await heldBy(() => Promise.reject(new Error("it is gone")));
    expect(lost[0]).toMatch(/it is gone\. Unless/);
  });
});
