import type { Requirement } from "../../plan/requirement";
import type { CgroupDriver } from "./types";

/**
 * The running runtime uses this cgroup driver; what its file says is a file's matter.
 *
 * @param runtime the runtime's name in `toolkit/runtime-<name>.sh`
 */
export const cgroupDriverInUse = (runtime: string, driver: CgroupDriver): Requirement => ({
  kind: "cgroup_driver",
  key: runtime,
  value: driver,
});
