import { encodeRequirements, type Requirement } from "../../plan/requirement";
import { installFirewalld, permanent, running } from "./firewalld";
import { Sandbox, shells } from "./sandbox";

/* What is seen of firewalld, and with how many calls. */
describe.each(shells)("a look at the firewall under %s", (shell) => {
  let sandbox: Sandbox;
  beforeEach(async () => {
    sandbox = await Sandbox.open();
    await installFirewalld(sandbox);
  });
  afterEach(() => sandbox.close());

  const start = () => sandbox.sh("systemctl start firewalld");
  const apply = async (stage: string, requirements: readonly Requirement[]): Promise<void> => {
    const words = ["apply", stage, "--as", "org/project/stack/node"];
    expect(await sandbox.toolkit(shell, words, encodeRequirements(requirements))).toMatchObject({ code: 0 });
  };
  const differing = async () =>
    (await sandbox.observe(shell, running))
      .filter(({ state }) => state === "differs")
      .map(({ name, phrase }) => `${name} ${phrase}`);
  const asked = async () => (await sandbox.sh("cat /run/firewalld/asked")).trim().split("\n");

  it("asks a firewalld once for its state and once for each zone", async () => {
    await start();
    const seen = await sandbox.observe(shell, [...running, ...permanent]);
    expect(await asked()).toEqual([
      "Get org.fedoraproject.FirewallD1 state",
      "getZoneSettings2 public",
      "getZoneSettings2 trusted",
    ]);
    const differing = seen.filter(({ state }) => state === "differs");
    expect(differing.map(({ name, phrase }) => `${name} ${phrase}`)).toEqual(
      ["firewall_running", "firewall_permanent"].flatMap((kind) => [
        `${kind}:public/port/10250/tcp is closed, must be open`,
        `${kind}:public/interface/cni0 is absent, must be present`,
        `${kind}:trusted/source/10.200.0.0/16 is absent, must be present`,
      ]),
    );
  });

  it("asks for no zone where firewalld does not run", async () => {
    const seen = await sandbox.observe(shell, running);
    expect(await asked()).toEqual(["Get org.fedoraproject.FirewallD1 state"]);
    expect(seen.map(({ phrase }) => phrase)).toEqual([
      "is not running, must be",
      "is not in force, must be open",
      "is not in force, must be open",
      "is not in force, must be present",
      "is not in force, must be present",
    ]);
  });

  it.each(["0.9 or newer", "0.8"])(
    "sees that the last port is gone from the rules in force: %s",
    async (version) => {
      await start();
      if (version === "0.8") await sandbox.sh("true >/run/firewalld/old");
      await apply("firewall", running);
      await apply("firewall-confirm", permanent);
      expect(await differing()).toEqual([]);
      await sandbox.sh("sed -i '/^Port /d' /run/firewalld/running/public");
      expect(await differing()).toEqual(["firewall_running:public/port/10250/tcp is closed, must be open"]);
      await apply("firewall", running);
      await apply("firewall-confirm", permanent);
      expect(await differing()).toEqual([]);
    },
  );

  it("does not take a firewalld that failed for one that runs", async () => {
    await sandbox.sh("echo FAILED >/run/firewalld/state");
    const [daemon] = await sandbox.observe(shell, running);
    expect(daemon?.phrase).toBe("is in state FAILED, must be RUNNING; its log is /var/log/firewalld");
  });
});
