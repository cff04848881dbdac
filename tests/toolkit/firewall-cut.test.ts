import {
  firewallDaemon,
  firewallPermanent,
  firewallRunning,
  interfaceOf,
  openPorts,
  parsePorts,
  sourceOf,
} from "../../plan/firewall-kinds";
import { file } from "../../plan/kinds";
import { encodeRequirements, type Requirement } from "../../plan/requirement";
import { installFirewalld, powerCut, zonesOf } from "./firewalld";
import { Sandbox } from "./sandbox";

/*
 * The toolkit and all its children are killed right after a change of a rule, each of them in turn: between two running
 * rules, between the running form and the permanent one, between two permanent ones. Then nothing happens, or the time
 * for confirming is over, or the power fails: one of these after each, in turn; NODEPREP_EVERY_POINT=1 takes all three
 * everywhere, which takes some minutes.
 */
jest.setTimeout(300_000);
const everyPoint = process.env["NODEPREP_EVERY_POINT"] !== undefined;

const rules = [
  openPorts("public", parsePorts("10250/tcp")),
  interfaceOf("public", "cni0"),
  sourceOf("trusted", "10.200.0.0/16"),
];
const stages: readonly (readonly [name: string, requirements: readonly Requirement[]])[] = [
  ["firewall-guard", [file("/etc/nptest-guard", "there\n")]],
  ["firewall", [firewallDaemon(300), ...rules.map(firewallRunning)]],
  ["firewall-confirm", rules.map(firewallPermanent)],
];
const owner = ["--as", "org/project/stack/node"];

/** As the engine does: one after the other, none after one that failed. */
async function up(sandbox: Sandbox): Promise<boolean> {
  for (const [name, requirements] of stages) {
    const words = ["apply", name, ...owner];
    const result = await sandbox.toolkit("dash", words, encodeRequirements(requirements), {
      ownSession: true,
    });
    if (result.code !== 0) return false;
  }
  return true;
}

/** What was undone is not on the engine's list any more; what failed is begun with the next time. */
async function destroy(sandbox: Sandbox, done = new Set<string>()): Promise<boolean> {
  for (const [name] of [...stages].reverse().filter(([one]) => !done.has(one))) {
    const result = await sandbox.toolkit("dash", ["undo", name, ...owner], "", { ownSession: true });
    if (result.code !== 0) return false;
    done.add(name);
  }
  return true;
}

const cutAt = (sandbox: Sandbox, at: number) => sandbox.sh(`echo ${at} >/run/firewalld/cut`);
const goOn = (sandbox: Sandbox) => sandbox.sh("rm -f /run/firewalld/cut /run/firewalld/changes");

type Ending = (sandbox: Sandbox) => Promise<unknown>;
const endings: readonly (readonly [what: string, ends: Ending, first: number])[] = [
  ["nothing happens", () => Promise.resolve(), 1],
  ["the time is up", (sandbox) => sandbox.toolkit("dash", ["firewall-rollback"]), 2],
  ["the power fails", powerCut, 3],
];

describe.each(endings)("a firewall's stages, cut off at rules, and then %s", (_, ends, first) => {
  /** On one machine after the other, until there is no such point any more. */
  async function everywhere(work: (sandbox: Sandbox, at: number) => Promise<boolean>): Promise<void> {
    let at = everyPoint ? 1 : first;
    for (let cuts = true; cuts; at += everyPoint ? 1 : endings.length) {
      const sandbox = await Sandbox.open();
      try {
        await installFirewalld(sandbox);
        await sandbox.sh("systemctl start firewalld");
        cuts = await work(sandbox, at);
      } finally {
        await sandbox.close();
      }
    }
    expect(at).toBeGreaterThan(2 * rules.length);
  }

  it("while they apply: the next update completes them, and undo gives back what was found", () =>
    everywhere(async (sandbox, at) => {
      const found = await zonesOf(sandbox);
      await cutAt(sandbox, at);
      const cut = !(await up(sandbox));
      await goOn(sandbox);
      if (cut) await ends(sandbox);
      expect([at, await up(sandbox)]).toEqual([at, true]);
      const wanted = stages.flatMap(([, requirements]) => requirements);
      expect((await sandbox.observe("dash", wanted)).filter(({ state }) => state === "differs")).toEqual([]);
      expect([at, await destroy(sandbox)]).toEqual([at, true]);
      expect([at, await zonesOf(sandbox)]).toEqual([at, found]);
      return cut;
    }));

  it("while they are undone: at the latest the second undo after that gives back what was found", () =>
    everywhere(async (sandbox, at) => {
      const found = await zonesOf(sandbox);
      expect(await up(sandbox)).toBe(true);
      await cutAt(sandbox, at);
      const done = new Set<string>();
      const cut = !(await destroy(sandbox, done));
      await goOn(sandbox);
      if (cut) await ends(sandbox);
      expect([at, (await destroy(sandbox, done)) || (await destroy(sandbox, done))]).toEqual([at, true]);
      expect([at, await zonesOf(sandbox)]).toEqual([at, found]);
      return cut;
    }));
});

it("a rule that was lost and put back is taken away once", async () => {
  const sandbox = await Sandbox.open();
  try {
    await installFirewalld(sandbox);
    await sandbox.sh("systemctl start firewalld");
    const found = await zonesOf(sandbox);
    expect(await up(sandbox)).toBe(true);
    await sandbox.sh("sed -i /10250/d /run/firewalld/running/public");
    expect(await up(sandbox)).toBe(true);
    expect(await destroy(sandbox)).toBe(true);
    expect(await zonesOf(sandbox)).toEqual(found);
  } finally {
    await sandbox.close();
  }
});
