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

  it("says that the rules of iptables go, where there are any", async () => {
    const phrases = async () => (await sandbox.observe(shell, running)).map(({ phrase }) => phrase);
    await sandbox.sh(
      "mkdir -p /run/m/nf_tables; mount --bind /run/m /sys/module; cat >/usr/local/sbin/iptables-save; chmod 0755 /usr/local/sbin/iptables-save",
      "#!/bin/sh\ncat /run/rules\n",
    );
    await sandbox.sh("printf '*filter\\n:INPUT ACCEPT [0:0]\\nCOMMIT\\n' >/run/rules");
    expect(await phrases()).toContain("is not running, must be");
    await sandbox.sh("echo '-A INPUT -s 203.0.113.7/32 -j DROP' >>/run/rules");
    expect(await phrases()).toContainEqual(
      expect.stringMatching(/^is not running, must be; that flushes all rules of iptables/),
    );
  });

  it("starts beside an ufw that is installed only", async () => {
    await sandbox.sh(
      "echo ufw.service >/run/firewalld/beside; mkdir -p /etc/ufw; echo ENABLED=no >/etc/ufw/ufw.conf",
    );
    expect(await apply()).toMatchObject({ code: 0 });
  });
});
