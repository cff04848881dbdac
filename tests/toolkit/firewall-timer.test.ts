import {
  firewallDaemon,
  firewallPermanent,
  firewallRunning,
  openPorts,
  parsePorts,
} from "../../plan/firewall-kinds";
import { file } from "../../plan/kinds";
import { encodeRequirements, type Requirement } from "../../plan/requirement";
import { installFirewalld, zonesOf } from "./firewalld";
import { type Result, Sandbox } from "./sandbox";

const rules = ["22/tcp", "10250/tcp"].map((port) => openPorts("public", parsePorts(port)));
const guard = [file("/etc/nptest-guard", "there\n")];
const running = [firewallDaemon(300), ...rules.map(firewallRunning)];
const permanent = rules.map(firewallPermanent);
const owner = ["--as", "org/project/stack/node"];
const first = "nodeprep-firewall-rollback.timer\n";
const second = "nodeprep-firewall-rollback-2.timer\n";

/* Rules in force that nothing has confirmed are never without a timer that puts the old ones back. */
describe("the firewall's timers", () => {
  let sandbox: Sandbox;
  beforeEach(async () => {
    sandbox = await Sandbox.open();
    await installFirewalld(sandbox);
    await sandbox.sh("systemctl start firewalld");
  });
  afterEach(() => sandbox.close());

  const apply = (stage: string, requirements: readonly Requirement[]): Promise<Result> =>
    sandbox.toolkit("dash", ["apply", stage, ...owner], encodeRequirements(requirements));
  const undo = (stage: string) => sandbox.toolkit("dash", ["undo", stage, ...owner]);
  const hold = () => sandbox.toolkit("dash", ["firewall-hold"]);
  const must = async (result: Promise<Result>): Promise<void> =>
    expect(await result).toMatchObject({ code: 0 });
  const timers = () => sandbox.sh("ls /run/firewalld/timers");
  const unguarded = () =>
    sandbox.sh("cd /run/firewalld; [ ! -e unguarded ] || cat unguarded; rm -f unguarded");
  /** From now on, the timer after the next `more` cannot be armed. */
  const refuse = (more: number) =>
    sandbox.sh(`cd /run/firewalld; touch armed; echo $(($(wc -l <armed) + ${more} + 1)) >arms`);

  it("the next is armed before the last is stopped, and both are stopped once the rules are confirmed", async () => {
    await must(apply("firewall-guard", guard));
    await must(apply("firewall", running));
    expect(await timers()).toBe(second);
    await must(hold());
    expect([await timers(), await unguarded()]).toEqual([first, ""]);
    // As a run leaves it that is killed in between.
    await sandbox.sh("touch /run/firewalld/timers/nodeprep-firewall-rollback-2.timer");
    await must(hold());
    expect([await timers(), await unguarded()]).toEqual([second, ""]);
    await sandbox.sh("touch /run/firewalld/timers/nodeprep-firewall-rollback.timer");
    await must(apply("firewall-confirm", permanent));
    expect(await timers()).toBe("");

    await unguarded();
    await must(undo("firewall-confirm"));
    await must(undo("firewall"));
    expect([await timers(), await unguarded()]).toEqual([second, ""]);
    await must(undo("firewall-guard"));
    expect(await timers()).toBe("");
  });

  it("where the next cannot be armed, the last stands, and it is an error", async () => {
    const found = await zonesOf(sandbox);
    await refuse(1);
    const applied = await apply("firewall", running);
    expect(applied.code).toBe(1);
    expect(applied.stderr).toContain("cannot arm the timer that guards the SSH door (systemd-run)");
    expect([await timers(), await unguarded()]).toEqual([first, ""]);
    await refuse(0);
    expect((await hold()).code).toBe(1);
    expect([await timers(), await unguarded()]).toEqual([first, ""]);

    await must(sandbox.toolkit("dash", ["firewall-rollback"]));
    expect(await zonesOf(sandbox)).toEqual(found);
    await must(apply("firewall", running));
    await must(apply("firewall-confirm", permanent));
    expect(await timers()).toBe("");
  });
});
