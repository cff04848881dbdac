import { selinuxMode } from "../plan/kinds";
import type { StageDefinition } from "../plan/stage";
import { StageComponent } from "./stage-component";

/** Arguments of the selinux stage. */
export interface SelinuxArgs {
  /** SELinux's mode, running and at boot. Systems without SELinux satisfy both. */
  readonly mode: "permissive" | "enforcing";
}

/** The stage as a pure function. */
export const selinux: StageDefinition<SelinuxArgs> = {
  name: "selinux",
  requirements: ({ mode }) => [selinuxMode(mode)],
};

/**
 * SELinux's mode, running and configured. It never enables a disabled SELinux, which takes a relabel and a reboot.
 *
 * @example
 * const node = await surveyNode({ ...machine, stages: [Toolkit.stage({}), Selinux.stage({ mode: "permissive" })] });
 * const toolkit = new Toolkit("db-1", { node });
 * new Selinux("db-1", { node }, { dependsOn: toolkit });
 */
export class Selinux extends StageComponent(selinux, "Selinux") {}
