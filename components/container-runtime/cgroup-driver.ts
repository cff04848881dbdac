import type { Facts } from "../../plan/facts";
import type { Requirement } from "../../plan/requirement";
import type { CgroupDriver, RuntimeType } from "./types";

/** The running `runtime` uses this cgroup driver; what its file says is a file's matter. */
export const cgroupDriverInUse = (runtime: RuntimeType, driver: CgroupDriver): Requirement => ({
  kind: "cgroup_driver",
  key: runtime,
  value: driver,
});

/**
 * Refuses a cgroup driver that cannot work on the node.
 *
 * @throws Error for `systemd` without systemd, and for `cgroupfs` on cgroup v2
 */
export function checkCgroupDriver(driver: CgroupDriver, facts: Facts): void {
  if (driver === "cgroupfs" && facts.cgroupVersion === 2)
    throw new Error(
      "runtime.cgroupDriver is cgroupfs, but the node has cgroup v2, where systemd owns the cgroups: use systemd",
    );
  if (driver === "systemd" && facts.init !== "systemd")
    throw new Error(
      "runtime.cgroupDriver is systemd, but systemd does not run on the node: use a machine with systemd",
    );
}

/** The warning for a cgroup driver that works, but with two managers of the same cgroups. */
export const cgroupDriverWarnings = (driver: CgroupDriver, facts: Facts): readonly string[] =>
  driver === "cgroupfs" && facts.init === "systemd"
    ? [
        "runtime.cgroupDriver is cgroupfs on a node that systemd runs: two managers of the same cgroups make a " +
          "node unstable under memory pressure; use systemd",
      ]
    : [];
