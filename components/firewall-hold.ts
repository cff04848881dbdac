import { setTimeout as wait } from "node:timers/promises";
import * as pulumi from "@pulumi/pulumi";
import { confirmWithinOf } from "../plan/firewall-kinds";
import { messageOf } from "../survey/errors";
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
    try {
      await node.visit?.(["firewall-hold"], "keeping its new firewall rules until they are confirmed");
    } catch (cause) {
      if (done()) return;
      void pulumi.log.warn(
        `${node.context.name}: its firewall rules, where they are new, are not confirmed yet, and a new connection ` +
          `fails: ${messageOf(cause)}. Unless one succeeds, it puts the old rules back by itself`,
      );
    }
  }
}
