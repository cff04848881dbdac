import { file, fstabWithoutSwap } from "../../plan/kinds";
import { Sandbox, shells } from "./sandbox";

const found = [
  "# <file system> <mount point> <type> <options>",
  "/dev/vda / ext4 defaults 0 1",
  "/dev/vdb none swap sw 0 0",
  "\tUUID=1234-abcd\tnone\t swap\tsw,pri=5\t0\t0 # the fast one",
  "LABEL=swap none swap",
  "#/dev/vdc none swap sw 0 0",
  "/swap/file /mnt/swap ext4 loop 0 0",
  "/dev/vdd /swap btrfs subvol=swap 0 0",
  "/dev/vde none swap noauto 0 0\r",
  "",
  "tmpfs /tmp tmpfs size=10% 0 0",
].join("\n");
const commented = found.replace(/^(?=\/dev\/vdb|\tUUID|LABEL|\/dev\/vde)/gm, "#nodeprep# ");

describe.each(shells)("fstab under %s", (shell) => {
  let sandbox: Sandbox;
  beforeEach(async () => {
    sandbox = await Sandbox.open();
    await sandbox.sh("cat >/etc/fstab; chmod 0640 /etc/fstab; chown root:adm /etc/fstab", found);
    await sandbox.sh("touch -d @1600000000 /etc/fstab");
  });
  afterEach(() => sandbox.close());

  const wanted = fstabWithoutSwap();
  const phrases = async () => (await sandbox.observe(shell, [wanted])).map(({ phrase }) => phrase);
  const text = () => sandbox.sh("cat /etc/fstab");
  const apply = async () => expect((await sandbox.apply(shell, [wanted])).code).toBe(0);

  it("comments out the swap lines and gives back the very file", async () => {
    const stat = await sandbox.sh("stat -c '%a %U:%G %Y' /etc/fstab");
    expect(await phrases()).toEqual([
      "brings swap back at boot: /dev/vdb UUID=1234-abcd LABEL=swap /dev/vde, must not",
    ]);
    await apply();
    expect(await text()).toBe(commented);
    expect(await sandbox.sh("stat -c '%a %U:%G' /etc/fstab")).toBe("640 root:adm\n");
    expect(await phrases()).toEqual([]);
    expect((await sandbox.undo(shell)).code).toBe(0);
    expect(await text()).toBe(found);
    expect(await sandbox.sh("stat -c '%a %U:%G %Y' /etc/fstab")).toBe(stat);
  });

  it("keeps its ACL, also where somebody has changed the file meanwhile", async () => {
    // tar has it on every machine, setfacl has not.
    const acl = "user::rw-\nuser:65534:rw-\ngroup::r--\nmask::rw-\nother::---\n";
    const given = `tar --format=pax --pax-option="SCHILY.acl.access:=${acl}" -cf - fstab | tar --acls -xpf -`;
    await sandbox.sh(`cd /etc; ${given}`);
    const access = () => sandbox.sh("cd /etc; tar --acls -cf - fstab | grep -aE '^(user|group|mask|other):'");
    const before = await access();
    expect(before).toContain("user:nobody:rw-");
    await apply();
    expect(await access()).toBe(before);
    await sandbox.sh("sed -i s/size=10%/size=20%/ /etc/fstab");
    expect((await sandbox.undo(shell)).code).toBe(0);
    expect(await text()).toBe(found.replace("10%", "20%"));
    expect(await access()).toBe(before);
  });

  it("keeps what people added and changed", async () => {
    await apply();
    await sandbox.sh(
      "printf '\\n/dev/vdz /data xfs noatime 0 0\\n' >>/etc/fstab; sed -i s/size=10%/size=20%/ /etc/fstab",
    );
    await sandbox.undo(shell);
    expect(await text()).toBe(`${found.replace("10%", "20%")}\n/dev/vdz /data xfs noatime 0 0\n`);
  });

  it("takes out a swap line that came back, and puts all of them back", async () => {
    await apply();
    await sandbox.sh("printf '\\n/swapfile none swap sw 0 0\\n' >>/etc/fstab");
    expect(await phrases()).toEqual(["brings swap back at boot: /swapfile, must not"]);
    await apply();
    expect(await phrases()).toEqual([]);
    await sandbox.undo(shell);
    expect(await text()).toBe(`${found}\n/swapfile none swap sw 0 0\n`);
  });

  it("shows nobody the passwords in it while it is written, in an undo neither", async () => {
    await sandbox.sh("chmod 0600 /etc/fstab");
    await sandbox.sh(
      "cat >/usr/local/sbin/sync; chmod +x /usr/local/sbin/sync",
      '#!/bin/sh\nfor last; do :; done\nstat -c "%a %n" "$last" >>/run/modes\nexec /usr/bin/sync "$@"\n',
    );
    await apply();
    await sandbox.sh("echo '# somebody' >>/etc/fstab");
    expect((await sandbox.undo(shell)).code).toBe(0);
    const modes = (await sandbox.sh("grep /etc/.nodeprep-fstab /run/modes"))
      .split("\n")
      .filter((line) => line !== "");
    expect(modes.length).toBeGreaterThan(1);
    for (const line of modes) expect(line).toMatch(/^600 /);
  });

  it("edits the file behind a link, and holds where there is no fstab", async () => {
    await sandbox.sh("mv /etc/fstab /etc/fstab.real; ln -s fstab.real /etc/fstab");
    await apply();
    expect(await sandbox.sh("readlink /etc/fstab; cat /etc/fstab.real")).toBe(`fstab.real\n${commented}`);
    await sandbox.undo(shell);
    expect(await sandbox.sh("cat /etc/fstab.real")).toBe(found);
    await sandbox.sh("rm /etc/fstab /etc/fstab.real");
    await apply();
    expect((await sandbox.undo(shell)).code).toBe(0);
    expect(await sandbox.sh("ls /etc/fstab 2>&1 || :")).toContain("No such file");
  });

  it("gives back what the owner has made of it between a run that failed and the next", async () => {
    const theirs = file("/etc/nptest-theirs.conf", "ours\n");
    const all = [file("/etc/nptest-folder", "ours\n"), theirs, wanted];
    await sandbox.sh("echo before >/etc/nptest-theirs.conf; mkdir /etc/nptest-folder");
    expect((await sandbox.apply(shell, all)).code).toBe(1);
    expect(await text()).toBe(found);
    await sandbox.sh(
      "rmdir /etc/nptest-folder; echo after >/etc/nptest-theirs.conf; printf '\n/dev/vdz /data xfs noatime 0 0\n' >>/etc/fstab",
    );
    expect((await sandbox.apply(shell, all)).code).toBe(0);
    expect((await sandbox.undo(shell)).stderr).not.toContain("warning");
    expect(await text()).toBe(`${found}\n/dev/vdz /data xfs noatime 0 0\n`);
    expect(await sandbox.sh("cat /etc/nptest-theirs.conf; ls -d /etc/nptest-folder 2>/dev/null || :")).toBe(
      "after\n",
    );
  });
});
