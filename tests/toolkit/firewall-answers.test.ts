import { firewallDaemon, firewallRunning, openPorts, parsePorts } from "../../plan/firewall-kinds";
import { file } from "../../plan/kinds";
import { encodeRequirements, type Requirement } from "../../plan/requirement";
import { installFirewalld } from "./firewalld";
import { type Result, Sandbox, shells } from "./sandbox";

const guard = [file("/etc/nptest-guard", "there\n")];
const running = [firewallDaemon(300), firewallRunning(openPorts("public", parsePorts("22/tcp")))];
const owner = ["--as", "org/project/stack/node"];

/* Where systemd refuses something, its reason is told, there and then. */
describe.each(shells)("what systemd answers about firewalld, under %s", (shell) => {
  let sandbox: Sandbox;
  beforeEach(async () => {
    sandbox = await Sandbox.open();
    await installFirewalld(sandbox);
    await sandbox.sh("mv /usr/local/sbin/systemctl /usr/local/sbin/systemctl-that-works");
    await answers("");
  });
  afterEach(() => sandbox.close());

  /** A branch of the stand-in of systemctl before all others. */
  const answers = (branch: string): Promise<string> =>
    sandbox.sh(
      "cat >/usr/local/sbin/systemctl; chmod 0755 /usr/local/sbin/systemctl",
      `#!/bin/sh\ncase " $* " in\n${branch}\nesac\nexec systemctl-that-works "$@"\n`,
    );
  const apply = (stage: string, requirements: readonly Requirement[]): Promise<Result> =>
    sandbox.toolkit(shell, ["apply", stage, ...owner], encodeRequirements(requirements));

  it("is the error of the stage that masked it and cannot unmask it, and the next run unmasks it", async () => {
    const absent = "*' show '*) echo LoadState=not-found; exit ;;";
    await answers(`${absent}\n*' unmask '*) echo 'Access denied' >&2; exit 1 ;;`);
    const { code, stderr } = await apply("firewall-guard", guard);
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/error: cannot unmask firewalld\.service, .*: Access denied/),
    ]);
    await answers(`${absent}\n*' unmask '*) touch /run/unmasked ;;`);
    expect((await apply("firewall-guard", guard)).code).toBe(0);
    await sandbox.sh("ls /run/unmasked");
  });

  it("is the warning of a rollback that cannot stop it", async () => {
    expect((await apply("firewall", running)).code).toBe(0);
    await answers("*' stop firewalld.service '*) echo 'Job canceled' >&2; exit 1 ;;");
    const { stderr } = await sandbox.toolkit(shell, ["firewall-rollback"]);
    expect(stderr).toMatch(/warning: stop firewalld ?: Job canceled/);
  });
});
