import { fstabWithoutSwap, noActiveSwap } from "../plan/kinds";
import type { StageDefinition } from "../plan/stage";
import { StageComponent } from "./stage-component";

/** The stage as a pure function. fstab comes first, so that its swap units are gone when swap is turned off. */
export const swap: StageDefinition<Record<string, never>> = {
  name: "swap",
  requirements: () => [fstabWithoutSwap(), noActiveSwap()],
};

/**
 * No swap, now and after a reboot: the kubelet refuses to start with swap on.
 *
 * @example
 * const node = await surveyNode({ ...machine, stages: [Toolkit.stage({}), Swap.stage({})] });
 * const toolkit = new Toolkit("db-1", { node });
 * new Swap("db-1", { node }, { dependsOn: toolkit });
 */
export class Swap extends StageComponent(swap, "Swap") {}
