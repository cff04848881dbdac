import {
  closedPorts,
  firewallDaemon,
  firewallPermanent,
  firewallRunning,
  openPorts,
  parsePorts,
} from "../../plan/firewall-kinds";
import { file } from "../../plan/kinds";
import { encodeRequirements, type Requirement } from "../../plan/requirement";
import { installFirewalld, permanent, powerCut, running, zonesOf } from "./firewalld";
import { type Result, Sandbox, shells } from "./sandbox";

const owner = "org/project/stack/node";

/* What zones hold, and in which order the stages act. That the rules work is tested on lab machines. */
describe.each(shells)("firewall under %s", (shell) => {
  let sandbox: Sandbox;
  beforeEach(async () => {
    sandbox = await Sandbox.open();
    await installFirewalld(sandbox);
  });
  afterEach(() => sandbox.close());

  const apply = (stage: string, requirements: readonly Requirement[]): Promise<Result> =>
    sandbox.toolkit(shell, ["apply", stage, "--as", owner], encodeRequirements(requirements));
  const must = async (result: Promise<Result>): Promise<void> =>
    expect(await result).toMatchObject({ code: 0, stdout: "" });
  const start = () => sandbox.sh("systemctl start firewalld");
  const zones = async () => (await zonesOf(sandbox)).zones;
  const files = async () => (await zonesOf(sandbox)).files;

  it("puts the rules in force, then makes them permanent, and takes all of it back", async () => {
    await start();
    const found = await zonesOf(sandbox);
    await must(apply("firewall", running));
    expect(await files()).toBe(found.files);
    await must(apply("firewall-confirm", permanent));
    expect(await sandbox.observe(shell, [...running, ...permanent])).toEqual(
      [...running, ...permanent].map(() => expect.objectContaining({ state: "unrecorded" }) as unknown),
    );
    expect(await zones()).toContain('public:Interface "cni0"');
    expect(await files()).toContain('  <interface name="cni0"/>');
    for (const stage of ["firewall", "firewall-confirm"])
      await must(sandbox.toolkit(shell, ["undo", stage, "--as", owner]));
    expect(await zones()).toBe(found.zones);
  });

  it("opens what was for some networks for a while by what had opened it before", async () => {
    await start();
    const found = await zonesOf(sandbox);
    const ssh = parsePorts("22/tcp");
    for (const rule of [closedPorts("public", ssh), openPorts("public", ssh)]) {
      await must(apply("firewall", [firewallDaemon(300), firewallRunning(rule)]));
      await must(apply("firewall-confirm", [firewallPermanent(rule)]));
      const closed = rule.state === "closed";
      expect((await zones()).includes("ssh")).toBe(!closed);
      expect((await files()).includes("ssh")).toBe(!closed);
    }
    expect(await zones()).toBe(found.zones);
    expect(await files()).not.toContain("<port");
  });

  it("opens it by its port where that is gone", async () => {
    await start();
    const rule = closedPorts("public", parsePorts("22/tcp"));
    await must(apply("firewall", [firewallDaemon(300), firewallRunning(rule)]));
    await sandbox.sh("echo addService >/run/firewalld/refuses");
    const { code, stderr } = await apply("firewall", [
      firewallDaemon(300),
      firewallRunning({ ...rule, state: "open" }),
    ]);
    expect([code, stderr]).toEqual([0, expect.stringContaining("cannot add service ssh: ")]);
    expect(await zones()).toContain('public:Port "22" "tcp"');
  });

  it("names the zone that has what must be in another", async () => {
    await start();
    await sandbox.sh(`echo 'Interface "cni0"' >/run/firewalld/running/work`);
    const { code, stderr } = await apply("firewall", running);
    expect(code).toBe(1);
    expect(stderr).toContain(
      "firewall zone public: cannot add interface cni0: ZONE_CONFLICT: 'cni0' already bound to 'work'; take it out",
    );
  });

  describe("confirmed by hand", () => {
    const refusal = "there is nothing to confirm: stage firewall did not get to its end";

    it("is nothing that was never in force", async () => {
      await start();
      const { code, stderr } = await apply("firewall-confirm", permanent);
      expect(code).toBe(1);
      expect(stderr).toContain(refusal);
      expect(await files()).toBe("");
    });

    it.each([
      ["at its first rule", "addPort"],
      ["at its last rule", "addSource"],
    ])("is nothing that failed %s, until that is completed", async (_when, method) => {
      await start();
      await sandbox.sh(`echo ${method} >/run/firewalld/refuses`);
      expect((await apply("firewall", running)).code).toBe(1);
      const { code, stderr } = await apply("firewall-confirm", permanent);
      expect(code).toBe(1);
      expect(stderr).toContain(refusal);
      expect(await files()).toBe("");
      expect(await sandbox.sh("cat /var/lib/nodeprep/firewall/unconfirmed")).toBe("300\n");

      await sandbox.sh("rm /run/firewalld/refuses");
      await must(apply("firewall", running));
      await must(apply("firewall-confirm", permanent));
      expect(await sandbox.sh("ls /var/lib/nodeprep/firewall")).not.toContain("unconfirmed");
    });

    it("is nothing where only the running side was lost again", async () => {
      await start();
      await must(apply("firewall", running));
      await must(apply("firewall-confirm", permanent));
      await sandbox.sh("echo addPort >/run/firewalld/refuses; sed -i /10250/d /run/firewalld/running/public");
      expect((await apply("firewall", running)).code).toBe(1);
      expect((await apply("firewall-confirm", permanent)).stderr).toContain(refusal);
    });
  });

  describe("without a connection that confirms it", () => {
    const undo = (stage: string) => sandbox.toolkit(shell, ["undo", stage, "--as", owner]);
    const timeIsUp = () => sandbox.toolkit(shell, ["firewall-rollback"]);
    const endings: readonly (readonly [string, () => Promise<unknown>])[] = [
      ["the time is up", timeIsUp],
      ["the power fails", () => powerCut(sandbox)],
    ];
    const guard = [file("/etc/nptest-guard", "there\n")];
    const held = () => sandbox.toolkit(shell, ["firewall-hold"]);
    const armed = async () =>
      (await sandbox.sh("cd /run/firewalld; [ ! -e armed ] || cat armed")).match(/--on-active=300/g)?.length;

    it("another connection begins the window again, but not for rules that are not in force as a whole", async () => {
      await start();
      await must(held());
      expect(await armed()).toBeUndefined();
      await sandbox.sh("echo addSource >/run/firewalld/refuses");
      expect((await apply("firewall", running)).code).toBe(1);
      const begun = await armed();
      await must(held());
      expect(await armed()).toBe(begun);
      await sandbox.sh("rm /run/firewalld/refuses");
      await must(apply("firewall", running));
      const applied = (await armed()) ?? 0;
      expect((await held()).code).toBe(0);
      await must(apply("firewall-confirm", permanent));
      await must(held());
      expect(await armed()).toBe(applied + 1);
    });

    it("no timer outlasts the toolkit, where the rules never came to be", async () => {
      await start();
      await must(apply("firewall-guard", guard));
      await sandbox.sh("echo addSource >/run/firewalld/refuses");
      expect((await apply("firewall", running)).code).toBe(1);
      await must(undo("firewall-guard"));
      await must(undo("--all"));
      expect(await sandbox.sh("ls -d /run/nodeprep-firewall /var/lib/nodeprep 2>/dev/null || :")).toBe("");
    });

    it("leaves the window alone while another run goes on", async () => {
      await start();
      await must(apply("firewall", running));
      const applied = await armed();
      await sandbox.sh(
        `flock /run/nodeprep.lock -c '>/run/nptest-locked; exec sleep 60' >/dev/null 2>&1 &
         until [ -e /run/nptest-locked ]; do sleep 0.1; done`,
      );
      await must(held());
      expect(await armed()).toBe(applied);
    });

    it.each(endings)(
      "rules go again when %s; a confirm that comes then says so, and the next apply goes on",
      async (_, ends) => {
        await start();
        const found = await zonesOf(sandbox);
        await must(apply("firewall", running));
        expect(await sandbox.sh("cat /run/firewalld/armed")).toMatch(/--on-active=300 .*firewall-rollback$/m);
        await ends();
        expect(await zonesOf(sandbox)).toEqual(found);
        const { code, stderr } = await apply("firewall-confirm", permanent);
        expect(code).toBe(1);
        expect(stderr).toContain(
          "were not confirmed within 300 s (firewall.confirmWithin), or the machine was restarted",
        );
        expect(await zonesOf(sandbox)).toEqual(found);
        expect(await sandbox.observe(shell, running)).toContainEqual(
          expect.objectContaining({ name: "firewall_daemon:firewalld", state: "differs" }),
        );
        await must(apply("firewall", running));
        await must(apply("firewall-confirm", permanent));
      },
    );

    it.each(endings)("an undo is taken back when %s; the next one begins again and ends", async (_, ends) => {
      await start();
      const found = await zonesOf(sandbox);
      await must(apply("firewall-guard", guard));
      await must(apply("firewall", running));
      await must(apply("firewall-confirm", permanent));
      const prepared = await zonesOf(sandbox);
      await must(undo("firewall-confirm"));
      await must(undo("firewall"));
      expect(await zones()).toBe(found.zones);
      await ends();
      expect(await zonesOf(sandbox)).toEqual(prepared);
      const { code, stderr } = await undo("firewall-guard");
      expect(code).toBe(1);
      expect(stderr).toContain("the undo of the firewall was not confirmed within 300 s");
      expect(await zonesOf(sandbox)).toEqual({ ...prepared, zones: found.zones });
      await must(undo("firewall-guard"));
      expect(await zonesOf(sandbox)).toEqual(found);
    });
  });

  it("starts a firewalld on a kernel that has everything built in", async () => {
    await sandbox.sh(`mkdir /tmp/proc; mount --rbind /proc /tmp/proc; mount -t tmpfs tmpfs /proc
      mkdir /proc/sys; mount --rbind /tmp/proc/sys /proc/sys; ln -s /tmp/proc/self /proc/self; [ ! -e /proc/modules ]`);
    await must(apply("firewall", running));
    expect(await zones()).toContain('public:Port "10250" "tcp"');
    expect(await files()).toBe("");
  });
});
