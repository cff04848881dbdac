import { kernelModule } from "../../plan/kinds";
import { standInForKernel } from "./kernel-stand-in";
import { Sandbox, shells } from "./sandbox";

describe.each(shells)("module under %s", (shell) => {
  let sandbox: Sandbox;
  beforeEach(async () => {
    sandbox = await Sandbox.open();
    await standInForKernel(sandbox);
  });
  afterEach(() => sandbox.close());

  const wanted = [kernelModule("br-netfilter")];
  const loaded = async () => (await sandbox.sh("cut -d ' ' -f 1 /run/m/list")).trim().split("\n");
  const apply = () => sandbox.apply(shell, wanted);
  const undone = async () => {
    const { code, stderr } = await sandbox.undo(shell);
    expect({ code, warnings: stderr.match(/(warning|error): .*/g) }).toEqual({ code: 0, warnings: null });
  };

  it("is loaded, with what it needs, and all of that leaves again", async () => {
    expect(await apply()).toMatchObject({ code: 0 });
    expect(await loaded()).toEqual(["theirs", "br_netfilter", "bridge", "stp", "llc"]);
    await undone();
    expect(await loaded()).toEqual(["theirs"]);
  });

  it.each([true, false])(
    "leaves too where it was cut off right after it was loaded (an apply in between: %s), and nothing of others",
    async (applies) => {
      // Somebody's already, or from then on.
      await sandbox.sh("load llc; touch /run/m/cut");
      expect((await apply()).code).not.toBe(0);
      await sandbox.sh("rm /run/m/cut; load meanwhile");
      if (applies) expect((await apply()).code).toBe(0);
      await undone();
      expect(await loaded()).toEqual(["theirs", "llc", "meanwhile"]);
    },
  );

  it("says that a reboot is required where the running kernel's modules are gone from the disk", async () => {
    await sandbox.sh('rmdir "/lib/modules/$(uname -r)"');
    const [seen] = await sandbox.observe(shell, wanted);
    expect(seen?.phrase).toMatch(
      /^is not loaded: reboot required, the running kernel \S+ has no modules on disk/,
    );
    expect(await apply()).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("module br-netfilter: reboot required") as unknown,
    });
    expect(await loaded()).toEqual(["theirs"]);
  });

  it("waits for a reboot where the kernel loads nothing any more", async () => {
    const switched = "echo 1 >/run/m/disabled; sed -i s,/proc/sys/kernel/modules_disabled,/run/m/disabled,";
    await sandbox.sh(`${switched} /run/*-under-test.sh`);
    const reason = /reboot required, kernel\.modules_disabled keeps the running kernel from loading modules$/;
    expect((await sandbox.observe(shell, wanted))[0]?.phrase).toMatch(reason);
    const { code, stderr } = await apply();
    expect([code, /error: (.*)/.exec(stderr)?.[1]]).toEqual([1, expect.stringMatching(reason)]);
    await sandbox.sh("load br-netfilter");
    expect(await apply()).toMatchObject({ code: 0 });
  });

  it.each(["touch /run/m/fails", 'rmdir "/lib/modules/$(uname -r)"'])(
    "is the host's in a container (%s)",
    async (fails) => {
      await sandbox.sh(`mkdir -p /run/systemd; echo lxc >/run/systemd/container; ${fails}`);
      expect((await apply()).stderr).toContain(
        "error: module br-netfilter cannot be loaded from within this container: load it on the host, now and at boot",
      );
    },
  );

  describe("that modprobe does not know", () => {
    const dependencies = (kernel: string, ...names: string[]) =>
      sandbox.sh(
        `mkdir -p "/lib/modules/${kernel}"; cat >"/lib/modules/${kernel}/modules.dep"`,
        names.map((name) => `kernel/net/${name}: kernel/net/llc.ko.xz\n`).join(""),
      );
    const running = "$(uname -r)";
    beforeEach(() => sandbox.sh("touch /run/m/fails"));
    const phrase = async () => (await sandbox.observe(shell, wanted))[0]?.phrase;
    const error = async () => /error: (.*)/.exec((await apply()).stderr)?.[1];

    it("asks for a reboot where the kernel of the next boot has it", async () => {
      await dependencies(running, "other.ko");
      await dependencies("99.1-old", "br_netfilter_not.ko");
      await dependencies("99.2-next", "br_netfilter.ko.zst");
      expect(await phrase()).toMatch(
        /^is not loaded: reboot required, kernel 99\.2-next has it, [^9]\S* runs$/,
      );
      expect(await error()).toMatch(/^module br-netfilter: reboot required, kernel 99\.2-next has it, /);
    });

    it("does not for one of an earlier kernel, which will not run again", async () => {
      await dependencies(running, "other.ko");
      await dependencies("1.2.3-99-old", "br_netfilter.ko");
      expect(await phrase()).toBe("is not loaded, must be loaded");
      expect(await error()).toMatch(
        /is its package for this kernel \(linux-modules-extra-\S+, .*\) installed\?$/,
      );
    });

    it.each(["modules.dep", "modules.alias"])(
      "does not where %s of the running one names it",
      async (file) => {
        await dependencies("99.2-next", "br_netfilter.ko.zst");
        await dependencies(running, file === "modules.dep" ? "br-netfilter.ko" : "other.ko");
        if (file === "modules.alias")
          await sandbox.sh(`echo 'alias br-netfilter other' >"/lib/modules/${running}/modules.alias"`);
        expect(await phrase()).toBe("is not loaded, must be loaded");
        expect(await error()).toMatch(/^module br-netfilter cannot be loaded into kernel/);
      },
    );
  });

  it.each([
    ["/etc/modprobe.d", "blacklist br-netfilter"],
    ["/usr/lib/modprobe.d", "  install br_netfilter /bin/false"],
  ])(
    "that %s keeps from being loaded at boot is a difference, named with the remedy",
    async (folder, line) => {
      const file = `${folder}/nptest.conf`;
      await sandbox.sh(
        `mkdir -p ${folder}; echo 'blacklist others' >${folder}/a.conf; cat >${file}`,
        `${line}\n`,
      );
      const refused = async () => {
        const { code, stderr } = await apply();
        expect([code, stderr]).toEqual([
          1,
          expect.stringContaining(`br-netfilter will not be loaded at boot: ${file} says`),
        ]);
      };
      await refused();
      await sandbox.sh("load br-netfilter");
      const phrases = async () => (await sandbox.observe(shell, wanted)).map(({ phrase }) => phrase);
      expect(await phrases()).toEqual([
        `will not be loaded at boot (${file} keeps it from that), must be loaded`,
      ]);
      await refused();
      // A file of this name in /etc comes before the system's.
      await sandbox.sh("mkdir -p /etc/modprobe.d; echo '# mine' >/etc/modprobe.d/nptest.conf");
      expect((await apply()).code).toBe(0);
      expect(await phrases()).toEqual([]);
    },
  );

  it("stays where it could not be loaded, and somebody else did that later", async () => {
    await sandbox.sh("touch /run/m/fails");
    expect((await apply()).code).toBe(1);
    await sandbox.sh("rm /run/m/fails; load br-netfilter");
    expect((await apply()).code).toBe(0);
    await undone();
    expect(await loaded()).toContain("br_netfilter");
  });
});
