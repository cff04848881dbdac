import { requirementName, type Requirement } from "../../plan/requirement";
import { tamperings, type Tampering } from "./tamperings";
import { preparedCluster, type PreparedCluster } from "./support/prepared-cluster";
import { applyByHand, observeByHand, type SeenDifference } from "./support/toolkit";

/*
 * Every tampering of the table, one by one, through observe and apply as they run on the node; the engine's part is
 * the same for all of them and is tested with some.
 */
describe("drift", () => {
  let cluster: PreparedCluster;
  let stages: ReadonlyMap<string, readonly Requirement[]>;

  beforeAll(async () => {
    cluster = await preparedCluster();
    stages = await cluster.stack.requirements();
  });
  afterAll(() => cluster.stop());

  it("has a tampering for every kind of requirement", () => {
    const kinds = new Set([...stages.values()].flat().map(({ kind }) => kind));
    expect([...kinds].filter((kind) => tamperings[kind] === undefined)).toEqual([]);
  });

  it("sees each tampering alone, names it, and repairs it", async () => {
    const failures: string[] = [];
    for (const { requirement, tampering } of allTamperings(stages)) {
      // There is no SELinux on this machine; selinux.test.ts has another.
      if (requirement.kind === "selinux") continue;
      process.stderr.write(`${requirementName(requirement)}: ${tampering.title}\n`);
      const problems = await tamperAndRepair(cluster, stages, requirement, tampering);
      process.stderr.write(problems.map((problem) => `  ${problem}\n`).join(""));
      failures.push(...problems);
    }
    expect(failures).toEqual([]);
    expect(await observeByHand(cluster.machine, stages)).toEqual([]);
  });
});

type Stages = ReadonlyMap<string, readonly Requirement[]>;

const allTamperings = (stages: Stages): { requirement: Requirement; tampering: Tampering }[] =>
  [...stages.values()]
    .flat()
    .flatMap((requirement) =>
      (tamperings[requirement.kind]?.(requirement) ?? []).map((tampering) => ({ requirement, tampering })),
    );

/** What went wrong, in words. What is left unrepaired is seen beside the next tampering. */
async function tamperAndRepair(
  { machine }: PreparedCluster,
  stages: Stages,
  requirement: Requirement,
  tampering: Tampering,
): Promise<string[]> {
  const name = requirementName(requirement);
  const title = `${name}: ${tampering.title}`;
  await machine.sh(tampering.script);
  const seen = await observeByHand(machine, stages);
  const own = seen.find((difference) => difference.name === name);
  const failures = own ? [] : [`${title}: not seen`];
  if (own && !tampering.phrase.test(own.phrase)) failures.push(`${title}: seen as ${own.phrase}`);
  for (const other of seen)
    if (other !== own && !tampering.also?.test(other.name))
      failures.push(`${title}: ${other.name} ${other.phrase} as well`);
  for (const stage of concerned(stages, requirement, seen))
    await applyByHand(machine, stage, stages.get(`node-0-${stage}`) ?? []);
  return failures;
}

/** The stages to apply again, in their order; what firewall changes, firewall-confirm confirms. */
function concerned(stages: Stages, requirement: Requirement, seen: readonly SeenDifference[]): string[] {
  const names = new Set(seen.map(({ stage }) => stage));
  for (const [command, requirements] of stages)
    if (requirements.includes(requirement)) names.add(command.replace(/^node-0-/, ""));
  if (names.has("firewall")) names.add("firewall-confirm");
  return [...stages.keys()]
    .map((command) => command.replace(/^node-0-/, ""))
    .filter((name) => names.has(name));
}

describe("drift through the engine", () => {
  let cluster: PreparedCluster;
  beforeAll(async () => {
    cluster = await preparedCluster();
  });
  afterAll(() => cluster.stop());

  it("previews a batch as exactly that, in the stages concerned, and repairs it", async () => {
    const { machine, stack } = cluster;
    await machine.sh(
      "sysctl -qw net.ipv4.ip_forward=0; swapon /dev/vdb; chmod 600 /etc/modules-load.d/k8s.conf",
    );
    const preview = await stack.preview();
    expect(preview.changes).toEqual(["node-0-kernel-prereqs: update", "node-0-swap: update"]);
    const drift = preview.warnings.filter((text) => text.startsWith("node-0: "));
    expect(drift).toHaveLength(3);
    expect(drift).toContainEqual(expect.stringContaining("sysctl:net.ipv4.ip_forward is 0, must be 1"));
    const before = await machine.sh("systemctl show -P ActiveEnterTimestamp containerd");
    await stack.up();
    await stack.expectNoChanges();
    expect(await machine.sh("systemctl show -P ActiveEnterTimestamp containerd")).toBe(before);
  });

  it("sees the same tampering again", async () => {
    const { machine, stack } = cluster;
    for (const round of [1, 2]) {
      await machine.sh("sysctl -qw net.ipv4.ip_forward=0");
      expect({ round, changes: (await stack.preview()).changes }).toEqual({
        round,
        changes: ["node-0-kernel-prereqs: update"],
      });
      await stack.up();
      expect(await machine.sh("sysctl -n net.ipv4.ip_forward")).toBe("1\n");
    }
  });

  it("restarts a service whose file it repaired", async () => {
    const { machine, stack } = cluster;
    const before = await machine.sh("systemctl show -P ActiveEnterTimestamp containerd");
    await machine.sh("echo '# theirs' >> /etc/containerd/config.toml");
    expect((await stack.preview()).changes).toEqual(["node-0-container-runtime: update"]);
    await stack.up();
    expect(await machine.sh("systemctl show -P ActiveEnterTimestamp containerd")).not.toBe(before);
    await stack.expectNoChanges();
  });

  it("sees the toolkit deleted, and puts it back", async () => {
    const { machine, stack } = cluster;
    await machine.sh("rm -rf /usr/local/lib/nodeprep");
    expect((await stack.preview()).changes).toEqual(["node-0-toolkit: update"]);
    await stack.up();
    await stack.expectNoChanges();
  });

  it("refuses an immutable file in words", async () => {
    const { machine, stack } = cluster;
    await machine.sh("echo x >> /etc/modules-load.d/k8s.conf; chattr +i /etc/modules-load.d/k8s.conf");
    const failed = await stack.tryUp();
    expect(failed.code).not.toBe(0);
    expect(failed.stdout + failed.stderr).toMatch(/immutable.*chattr -i/s);
    await machine.sh("chattr -i /etc/modules-load.d/k8s.conf");
    await stack.up();
    await stack.expectNoChanges();
  });

  it("previews without changing any file", async () => {
    const { machine, stack } = cluster;
    const look =
      "find /etc /var/lib /usr /root -xdev -printf '%p %T@ %C@\\n' | grep -v -e /var/lib/systemd/ -e /var/lib/private | sort | sha256sum";
    const before = await machine.sh(look);
    await stack.preview();
    expect(await machine.sh(look)).toBe(before);
  });

  it("sees the record deleted, and records anew", async () => {
    const { machine, stack } = cluster;
    await machine.sh("rm -rf /var/lib/nodeprep");
    const preview = await stack.preview();
    expect(preview.changes).toContain("node-0-kernel-prereqs: update");
    expect(preview.text).toContain("on record");
    await stack.up();
    await stack.expectNoChanges();
  });
});
