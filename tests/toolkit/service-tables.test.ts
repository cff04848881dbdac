import { readFileSync } from "node:fs";
import { join } from "node:path";
import { service } from "../../plan/kinds";
import { Sandbox, shells } from "./sandbox";

const unit = "nptest.service";
const wanted = [service(unit, { tables: ["ip/nptest", "ip6/nptest"] })];

/** Stand-ins: tables are files, and the unit's program makes both of them. */
const programs = {
  systemctl: readFileSync(join(__dirname, "systemctl.sh"), "utf8"),
  nft: '#!/bin/sh\n[ "$1 $2" = "list table" ] && [ -e "/run/tables/$3-$4" ]\n',
  "make-tables":
    "#!/bin/sh\nmkdir -p /run/tables; touch /run/tables/ip-nptest /run/tables/ip6-nptest\nexec sleep 300\n",
};

describe.each(shells)("a service that makes nftables' tables under %s", (shell) => {
  let sandbox: Sandbox;
  beforeEach(async () => {
    sandbox = await Sandbox.open();
    for (const [name, text] of Object.entries(programs))
      await sandbox.sh(`cat >/usr/local/sbin/${name}; chmod 0755 /usr/local/sbin/${name}`, text);
    await sandbox.sh(
      `mkdir -p /etc/systemd/system; cat >/etc/systemd/system/${unit}`,
      "[Service]\nExecStart=/usr/local/sbin/make-tables\n",
    );
  });
  afterEach(async () => {
    await sandbox.sh(`systemctl stop ${unit}`);
    await sandbox.close();
  });

  const phrases = async () => (await sandbox.observe(shell, wanted)).map(({ phrase }) => phrase);
  const apply = async () => expect((await sandbox.apply(shell, wanted)).code).toBe(0);

  it("is started anew when one of them is gone, though it is active", async () => {
    await apply();
    expect(await phrases()).toEqual([]);
    for (const family of ["ip", "ip6"]) {
      await sandbox.sh(`rm /run/tables/${family}-nptest; : >/run/stand-in/log`);
      expect(await phrases()).toEqual([
        `is active, but its table ${family}/nptest is gone from nftables, must be there`,
      ]);
      await apply();
      expect(await phrases()).toEqual([]);
      expect(await sandbox.sh("cat /run/stand-in/log")).toBe(`restart ${unit}\n`);
    }
  });

  it("is told as inactive where it is", async () => {
    await apply();
    await sandbox.sh(`systemctl stop ${unit}; rm /run/tables/*`);
    expect(await phrases()).toEqual(["is inactive, must be enabled and active"]);
  });
});
