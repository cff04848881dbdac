import {
  closedPorts,
  firewallDaemon,
  firewallPermanent,
  firewallRunning,
  parsePorts,
} from "../../plan/firewall-kinds";
import { encodeRequirements } from "../../plan/requirement";
import { installFirewalld } from "./firewalld";
import { Sandbox, shells } from "./sandbox";

/* What opens a port that must be open to some networks only, without naming it. */
describe.each(shells)("a port that is not closed under %s", (shell) => {
  let sandbox: Sandbox;
  beforeEach(async () => {
    sandbox = await Sandbox.open();
    await installFirewalld(sandbox);
  });
  afterEach(() => sandbox.close());

  const closed = closedPorts("public", parsePorts("6443/tcp"));
  const both = [firewallRunning(closed), firewallPermanent(closed)];
  const phrases = async () => (await sandbox.observe(shell, both)).map(({ phrase }) => phrase);
  const apply = () =>
    sandbox.toolkit(
      shell,
      ["apply", "firewall", "--as", "o/p/s/n"],
      encodeRequirements([firewallDaemon(300), firewallRunning(closed)]),
    );
  const service = (name: string, inside: string) =>
    sandbox.sh(
      `cat >/usr/lib/firewalld/services/${name}.xml`,
      `<?xml version="1.0"?>\n<service>\n  ${inside}\n</service>\n`,
    );
  const zone = (attributes: string, inside: string) =>
    sandbox.sh(
      "cat >/etc/firewalld/zones/public.xml",
      `<?xml version="1.0"?>\n<zone${attributes}>\n  ${inside}\n</zone>\n`,
    );

  it("is so by a service of services, which goes where it is for nothing else", async () => {
    await service("kube-api", '<port protocol="tcp" port="6443"/>');
    await service("etcd", '<port protocol="tcp" port="2379"/>\n  <include service="plane"/>');
    await service("plane", '<include service="kube-api"/>\n  <include service="etcd"/>');
    await service("outer", '<include service="kube-api"/>');
    await zone("", '<service name="plane"/>');
    await sandbox.sh("systemctl start firewalld");
    const phrase = (name: string) =>
      `is open to everybody (service ${name}), must be open to its sources only`;
    expect(await phrases()).toEqual([phrase("plane"), phrase("plane")]);
    expect((await apply()).stderr).toContain("service plane opens more than port/6443/tcp");
    await zone("", '<service name="outer"/>');
    await sandbox.sh("systemctl start firewalld");
    expect(await apply()).toMatchObject({ code: 0 });
    expect(await phrases()).toEqual([expect.any(String), phrase("outer")]);
  });

  it.each(["0.9 or newer", "0.8"])("is so by the zone's target: firewalld %s", async (version) => {
    await zone(' target="ACCEPT"', '<service name="ssh"/>');
    await sandbox.sh(`systemctl start firewalld; echo ACCEPT >/run/firewalld/target`);
    if (version === "0.8") await sandbox.sh("true >/run/firewalld/old");
    const phrase =
      "is open to everybody (the target of zone public is ACCEPT), must be open to its sources only";
    expect(await phrases()).toEqual([phrase, phrase]);
    expect((await apply()).stderr).toContain(
      "its target is ACCEPT, so it lets everybody in, and port/6443/tcp must be",
    );
  });
});
