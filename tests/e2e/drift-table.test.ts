import { tamperings } from "./tamperings";
import { tamperAndRepair, tamperingsOf, type Stages } from "./support/drift";
import { preparedCluster, type PreparedCluster } from "./support/prepared-cluster";
import { observeByHand } from "./support/toolkit";

/*
 * Every tampering of the table, one by one, through observe and apply as they run on the node; the engine's part is
 * the same for all of them and is tested with some. cluster.test.ts has what a worker needs besides.
 */
describe("drift", () => {
  let cluster: PreparedCluster;
  let stages: Stages;

  beforeAll(async () => {
    cluster = await preparedCluster();
    stages = await cluster.stack.requirements();
  });
  afterAll(() => cluster.stop());

  it("has a tampering for every requirement but for what undo alone is about", () => {
    const without = [...stages.values()].flat().filter((one) => !tamperings[one.kind]?.(one).length);
    expect(without.filter(({ kind }) => kind !== "leftovers")).toEqual([]);
  });

  it("sees each tampering alone, names it, and repairs it", async () => {
    const failures: string[] = [];
    const all = [...stages.values()].flat();
    // There is no SELinux on this machine; selinux.test.ts has another.
    const here = all.filter(({ kind }) => kind !== "selinux");
    for (const tampered of here.flatMap((requirement) => tamperingsOf(requirement, all)))
      failures.push(...(await tamperAndRepair(cluster.machine, stages, [tampered])));
    expect(failures).toEqual([]);
    expect(await observeByHand(cluster.machine, stages)).toEqual([]);
  });
});
