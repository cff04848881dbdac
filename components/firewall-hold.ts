import { setTimeout as wait } from "node:timers/promises";
import * as pulumi from "@pulumi/pulumi";
import { confirmWithinOf } from "../plan/firewall-kinds";
import { messageOf } from "../survey/errors";
import { whatItSaid } from "../survey/text";
import { firewall, firewallConfirm } from "./firewall";
import type { StageResource, SurveyedNode } from "./surveyed-node";

/**
 * New firewall rules go back unless a new connection confirms them in time. The stage that does waits for its turn among
 * all that the engine has to do, with many nodes longer than any sensible time. Until it had that turn, this program
 * comes by itself, each time a third of the window is over: the node's window begins again, and should nothing come any
 * more, the old rules do.
 */
export function holdFirewall(node: SurveyedNode, stages: ReadonlyMap<string, StageResource>): void {
  const running = stages.get(firewall.name);
  const confirming = stages.get(firewallConfirm.name);
  const seconds = windowOf(node);
  if (pulumi.runtime.isDryRun() || !running || !confirming || seconds === undefined) return;
  let done = false;
  confirming.report.apply(() => (done = true));
  running.report.apply(() => void hold(node, seconds / 3, () => done));
}

/**
 * Seconds, where this update may change running rules: a survey sees nothing of a rule that only leaves. A node where no
 * window is open does nothing when it is held.
 */
function windowOf({ survey }: SurveyedNode): number | undefined {
  if (!survey?.reachable) return undefined;
  const stage = survey.stages.find(({ name }) => name === firewall.name);
  return stage && confirmWithinOf(stage.requirements);
}

async function hold(node: SurveyedNode, seconds: number, done: () => boolean): Promise<void> {
  for (;;) {
    // Nothing to keep the program for: where all else has ended, so has the window's purpose.
    await wait(seconds * 1000, undefined, { ref: false });
    if (done()) return;
    const problem = await problemOf(node);
    if (done()) return;
    if (problem === undefined) continue;
    void pulumi.log.warn(
      `${node.context.name}: its firewall rules, where they are new, are not confirmed yet, and ${problem}. ` +
        "Unless that succeeds in time, it puts the old rules back by itself",
    );
  }
}

/** Begins the node's window again; why that failed, there or on the way. */
async function problemOf({ visit }: SurveyedNode): Promise<string | undefined> {
  try {
    const result = await visit?.(
      ["firewall-hold"],
      "keeping its new firewall rules until they are confirmed",
    );
    return result === undefined || result.code === 0
      ? undefined
      : `the node cannot be told to keep them: ${whatItSaid(result)}`;
  } catch (cause) {
    return `a new connection fails: ${messageOf(cause)}`;
  }
}
