import { requirementName, type Requirement } from "../../../plan/requirement";
import { rounds, tamperAndRepair } from "./drift";
import type { TestMachine } from "./machine";
import type { PreparedCluster } from "./prepared-cluster";
import { observeByHand } from "./toolkit";

/** Stages may need the same. */
const once = (all: readonly Requirement[]): readonly Requirement[] => [
  ...new Map(all.map((one) => [requirementName(one), one])).values(),
];

/** What node-0 needed before a test made more of it. */
export class Baseline {
  private constructor(
    private readonly cluster: PreparedCluster,
    private readonly needed: ReadonlySet<string>,
    private readonly packages: ReadonlySet<string>,
  ) {}

  static async of(cluster: PreparedCluster): Promise<Baseline> {
    const stages = await cluster.stack.requirements();
    const needed = new Set([...stages.values()].flat().map(requirementName));
    const packages = (await cluster.machine.sh("dpkg-query -W -f '${Package}\\n'")).split("\n");
    return new Baseline(cluster, needed, new Set(packages));
  }

  /**
   * Tampers with everything that the node needs besides, much at once, and repairs it: in every way that the table has for
   * a kind, but for those that drift-table.test.ts goes through one by one. What went wrong, in words.
   *
   * @param settled waits until what a repair has started works: it may set what is tampered with
   */
  async tamperWithMore(
    settled: (machine: TestMachine) => Promise<unknown> = () => Promise.resolve(),
  ): Promise<string[]> {
    const { machine, stack } = this.cluster;
    const all = [...(await stack.requirements())];
    const stages = new Map(all.filter(([name]) => name.startsWith("node-0-")));
    const more = [...stages.values()]
      .flat()
      .filter((one) => !this.needed.has(requirementName(one)) && !this.had(one));
    if (more.length === 0) throw new Error("node-0 needs no more than before");
    const problems: string[] = [];
    for (const round of rounds(once(more), this.kinds())) {
      await settled(machine);
      problems.push(...(await tamperAndRepair(machine, stages, round)));
    }
    await machine.sh("rm -f /root/moved-away-*");
    const left = await observeByHand(machine, stages);
    return [...problems, ...left.map(({ name, phrase }) => `${name} ${phrase} at the end`)];
  }

  private readonly kinds = (): ReadonlySet<string> =>
    new Set([...this.needed].map((name) => name.replace(/:.*/, "")));

  /** A package that was there: package.test.ts removes such ones. */
  private readonly had = ({ kind, key }: Requirement): boolean =>
    kind === "package" && this.packages.has(key);
}
