import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fstabWithoutSwap, noActiveSwap } from "../../plan/kinds";
import { Sandbox, shells } from "./sandbox";

const units = "/etc/systemd/system";
const vendor = "/usr/lib/systemd/system";

/*
 * Swap itself cannot be turned on or off in a sandbox, only on a machine of its own; what the kernel says of it can
 * be replaced there, and units are files.
 */
describe.each(shells)("swap under %s", (shell) => {
  let sandbox: Sandbox;
  beforeEach(async () => {
    sandbox = await Sandbox.open();
    await sandbox.sh(`rm -rf ${units}/*.swap ${units}/*.wants/*swap*; mkdir -p ${units} ${vendor}`);
    await swaps();
  });
  afterEach(() => sandbox.close());

  const wanted = noActiveSwap();
  const phrases = async () =>
    (await sandbox.observe(shell, [wanted])).map(({ state, phrase }) => `${state} ${phrase}`);
  const proc = async (name: string, text: string) => {
    await sandbox.sh(`cat >/run/${name} && mount --bind /run/${name} /proc/${name}`, text);
  };
  const swaps = (...lines: string[]) =>
    proc("swaps", ["Filename Type Size Used Priority", ...lines, ""].join("\n"));
  const apply = async () => {
    const result = await sandbox.apply(shell, [wanted]);
    expect(result.stderr).not.toContain("error");
    expect(await phrases()).toEqual([]);
  };
  const look = () => sandbox.sh(`find ${units} ${vendor} -name '*.swap' -printf '%p %y %l\\n' | sort`);

  it("names what is on", async () => {
    expect(await phrases()).toEqual(["unrecorded holds, but is not on record here"]);
    await swaps("/dev/vdb partition 262140 0 -2", "/swap\\040file file 16380 12 7");
    expect(await phrases()).toEqual([
      "differs is on: /dev/vdb (255 MiB), /swap\\040file (15 MiB), must be off",
    ]);
  });

  it("does not turn off more than fits into memory", async () => {
    await swaps("/dev/vdb partition 2097148 204800 -2", "/dev/vdc partition 2097148 102400 -3");
    await proc("meminfo", "MemTotal: 1000000 kB\nMemFree: 900000 kB\nMemAvailable: 307199 kB\n");
    const lines = "/dev/vdb none swap sw 0 0\n";
    await sandbox.sh("cat >/etc/fstab", lines);
    const result = await sandbox.apply(shell, [fstabWithoutSwap(), wanted]);
    expect(result.code).toBe(1);
    expect(await sandbox.sh("cat /etc/fstab")).toBe(lines);
    expect(result.stderr).toContain("300 MiB are swapped out, only 299 MiB of memory are available");
  });

  it("is turned on again with the priority that it had, unless somebody did that", async () => {
    const on = ["/srv/one file 16380 0 5", "/srv/the\\040two file 16380 0 -2", "/srv/three file 16380 0 1"];
    // Written over: what the kernel says is this very file.
    await sandbox.sh(
      "cat >/usr/local/sbin/swapoff; chmod 0755 /usr/local/sbin/swapoff; touch /srv/one '/srv/the two' /srv/three",
      `#!/bin/sh\necho "off $*" >>/run/told\nleft=$(grep -vF "$(printf %s "$2" | sed 's/ /\\\\040/') " /run/swaps)\nprintf '%s\\n' "$left" >/run/swaps\n`,
    );
    await sandbox.sh(
      `printf '#!/bin/sh\\necho "on $*" >>/run/told\\n' >/usr/local/sbin/swapon; chmod 0755 /usr/local/sbin/swapon`,
    );
    await swaps(...on);
    await apply();
    expect(await sandbox.sh("cat /run/told; rm /run/told")).toBe(
      "off -- /srv/one\noff -- /srv/the two\noff -- /srv/three\n",
    );
    await sandbox.sh("echo '/srv/three file 16380 0 1' >>/run/swaps");
    expect((await sandbox.undo(shell)).code).toBe(0);
    expect(await sandbox.sh("cat /run/told")).toBe("on -p 5 -- /srv/one\non -- /srv/the two\n");
  });

  it.each([
    [
      "a vendor's unit",
      `printf '[Swap]\\n' >${vendor}/dev-x.swap`,
      `${units}/swap.target.wants`,
      "dev-x.swap",
      vendor,
    ],
    [
      "a unit of its own",
      `printf '[Swap]\\n' >${units}/data-swap.swap`,
      `${units}/swap.target.requires`,
      "data-swap.swap",
      units,
    ],
    ["a unit found on a GPT disk", ":", "/run/systemd/generator/swap.target.wants", "dev-vda3.swap", ".."],
    [
      "an escaped name",
      ":",
      "/run/systemd/generator.late/swap.target.wants",
      "dev-disk-by\\x2duuid-1.swap",
      "..",
    ],
  ])("keeps %s from coming back, and gives it back", async (_what, make, folder, unit, from) => {
    await sandbox.sh(`${make}; mkdir -p ${folder}; ln -s '${from}/${unit}' '${folder}/${unit}'`);
    const before = await look();
    expect(await phrases()).toEqual([`differs comes back at boot by ${unit}, must not`]);
    await apply();
    expect(await look()).not.toBe(before);
    expect((await sandbox.undo(shell)).code).toBe(0);
    expect(await look()).toBe(before);
  });

  it("keeps a mask that was there, and one that somebody made anew", async () => {
    const generated = "/run/systemd/generator/swap.target.wants";
    await sandbox.sh(
      `mkdir -p ${generated}; ln -s x ${generated}/a.swap; ln -s x ${generated}/b.swap; ln -s /dev/null ${units}/a.swap`,
    );
    expect(await phrases()).toEqual(["differs comes back at boot by b.swap, must not"]);
    await apply();
    await sandbox.sh(`rm ${units}/b.swap; echo theirs >${units}/b.swap`);
    await sandbox.undo(shell);
    expect(await look()).toBe(`${units}/a.swap l /dev/null\n${units}/b.swap f \n`);
  });

  it("leaves units made from fstab to fstab", async () => {
    const generated = "/run/systemd/generator";
    await sandbox.sh(
      `mkdir -p ${generated}/swap.target.wants; ln -s ../dev-vdb.swap ${generated}/swap.target.wants/
       printf '[Unit]\\nSourcePath=/etc/fstab\\n' >${generated}/dev-vdb.swap`,
    );
    expect(await phrases()).toEqual(["unrecorded holds, but is not on record here"]);
  });

  it("knows what zram-generator will make of its drop-ins, of one name only the first", async () => {
    const generators = "/usr/lib/systemd/system-generators";
    const dropIns = ["/etc", "/usr/lib"].map((folder) => `${folder}/systemd/zram-generator.conf.d`);
    const [own, vendors] = dropIns;
    await sandbox.sh(`mkdir -p ${generators} ${dropIns.join(" ")}; touch ${generators}/zram-generator`);
    await sandbox.sh(
      `cat >${vendors}/10-a.conf; echo '[zram2]' >${vendors}/20-b.conf; echo >${own}/20-b.conf`,
      "[zram0]\nzram-size = ram\n[zram1]\n",
    );
    await sandbox.sh("cat >/etc/systemd/zram-generator.conf", "[zram1]\nmount-point = /var/tmp\n");
    expect(await phrases()).toEqual(["differs comes back at boot by dev-zram0.swap, must not"]);
    await apply();
    await sandbox.undo(shell);
    expect(await look()).toBe("");
  });

  it.each(["zramswap", "zram-config", "zram-swap", "dphys-swapfile", "swapspace"])(
    "ends %s, and starts it again",
    async (name) => {
      const [unit, link] = [`${name}.service`, `${units}/multi-user.target.wants/${name}.service`];
      const stand = "/run/stand-in";
      await sandbox.sh(
        "cat >/usr/local/sbin/systemctl; chmod 0755 /usr/local/sbin/systemctl",
        readFileSync(join(__dirname, "systemctl.sh"), "utf8"),
      );
      await sandbox.sh(
        `mkdir -p /run/systemd/system ${units}/multi-user.target.wants; ln -s ${vendor}/${unit} ${link}
       printf '[Service]\nExecStart=sleep 300\n' >${vendor}/${unit}; systemctl start ${unit}; rm ${stand}/log`,
      );
      expect(await phrases()).toEqual([`differs comes back at boot by ${unit}, must not`]);
      await apply();
      expect(await sandbox.sh(`cat ${stand}/log; readlink ${units}/${unit}; ls ${stand}`)).toMatch(
        new RegExp(`stop ${unit}\\n[^]*/dev/null\\nlog\\n$`),
      );
      expect((await sandbox.undo(shell)).code).toBe(0);
      expect(await sandbox.sh(`ls ${link} ${stand}/active.${unit}; ls ${units}/${unit} 2>&1 || :`)).toMatch(
        new RegExp(`^${link}\\n${stand}/active.${unit}\\n.*No such file`),
      );
      await sandbox.sh(`systemctl stop ${unit}`);
    },
  );

  it("knows what zram-generator will make, and what not", async () => {
    const generators = "/usr/lib/systemd/system-generators";
    const conf = "# [zram7]\n[zram0]\nzram-size = ram / 2\n[zram1]\nmount-point = /var/tmp\n";
    await sandbox.sh("cat >/etc/systemd/zram-generator.conf", conf);
    expect(await phrases()).toEqual(["unrecorded holds, but is not on record here"]);
    await sandbox.sh(`mkdir -p ${generators}; touch ${generators}/zram-generator`);
    expect(await phrases()).toEqual(["differs comes back at boot by dev-zram0.swap, must not"]);
    await apply();
    await sandbox.undo(shell);
    expect(await look()).toBe("");
    await sandbox.sh("echo >/etc/systemd/zram-generator.conf");
    expect(await phrases()).toEqual(["unrecorded holds, but is not on record here"]);
  });
});
