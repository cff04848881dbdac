import { encodeRequirements } from "../../plan/requirement";
import { installFirewalld, running } from "./firewalld";
import { Sandbox, shells } from "./sandbox";

/* Other programs that keep the packet filter: the one that comes second would flush the rules of the first, or bend to them. */
describe.each(shells)("firewalld and others under %s", (shell) => {
  let sandbox: Sandbox;
  beforeEach(async () => {
    sandbox = await Sandbox.open();
    await installFirewalld(sandbox);
  });
  afterEach(() => sandbox.close());

  const apply = () =>
    sandbox.toolkit(shell, ["apply", "firewall", "--as", "o/p/s/n"], encodeRequirements(running));

  it.each([
    [
      "nftables.service",
      /nftables\.service is active, and firewalld cannot run beside it: stop and disable it/,
    ],
    ["netfilter-persistent.service", /netfilter-persistent\.service is active, and/],
    ["shorewall.service", /shorewall\.service is active, and/],
    [
      "ufw.service",
      /ufw is active, and firewalld cannot run beside it: ufw disable, or set firewall\.backend: none/,
    ],
  ])("does not start beside %s", async (unit, error) => {
    await sandbox.sh(
      `echo ${unit} >/run/firewalld/beside; mkdir -p /etc/ufw; echo ENABLED=yes >/etc/ufw/ufw.conf`,
    );
    expect(await apply()).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(error) as unknown,
    });
    expect(await sandbox.sh("ls /run/firewalld/state 2>/dev/null || :")).toBe("");
  });

  it("starts beside an ufw that is installed only", async () => {
    await sandbox.sh(
      "echo ufw.service >/run/firewalld/beside; mkdir -p /etc/ufw; echo ENABLED=no >/etc/ufw/ufw.conf",
    );
    expect(await apply()).toMatchObject({ code: 0 });
  });
});
