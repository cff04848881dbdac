import { selinuxMode } from "../../plan/kinds";
import { Sandbox, shells } from "./sandbox";

const conf = (mode: string) => `# how it starts\n\nSELINUX=${mode}\nSELINUXTYPE=targeted # SELINUX=none\r\n`;

/* The kernel's side is a file in a folder of the sandbox's own; on lab machines it is the kernel. */
describe.each(shells)("selinux under %s", (shell) => {
  let sandbox: Sandbox;
  beforeEach(async () => {
    sandbox = await Sandbox.open();
  });
  afterEach(() => sandbox.close());

  /** Sets what runs (`1`, `0`, or nothing where it is disabled) and what is configured. */
  const system = async (enforce: string, config?: string) => {
    await sandbox.sh("rm -rf /etc/selinux");
    if (config !== undefined)
      await sandbox.sh(
        "mkdir -p /etc/selinux; cat >/etc/selinux/config; touch -d @1600000000 /etc/selinux/config",
        config,
      );
    if (enforce !== "")
      await sandbox.sh(
        "mount -t tmpfs tmpfs /sys/fs; mkdir /sys/fs/selinux; cat >/sys/fs/selinux/enforce",
        enforce,
      );
  };
  const read = () =>
    sandbox.sh("cat /sys/fs/selinux/enforce; echo; cat /etc/selinux/config; stat -c %Y /etc/selinux/config");
  const phrases = async (mode: "permissive" | "enforcing") =>
    (await sandbox.observe(shell, [selinuxMode(mode)]))
      .filter(({ state }) => state === "differs")
      .map(({ phrase }) => phrase);
  const apply = (mode: "permissive" | "enforcing") => sandbox.apply(shell, [selinuxMode(mode)]);

  const boot = (was: string, mode: string) => `is configured as ${was} for the next boot, must be ${mode}`;
  it.each([
    ["permissive", "", undefined, []],
    ["enforcing", "", undefined, []],
    ["permissive", "", conf("disabled"), []],
    ["permissive", "", conf("permissive"), []],
    ["permissive", "", conf("enforcing"), [boot("enforcing", "permissive")]],
    [
      "enforcing",
      "",
      conf("enforcing"),
      ["is disabled, must be enforcing: enabling it takes a relabel and a reboot"],
    ],
    ["permissive", "0", conf("permissive"), []],
    ["permissive", "0", conf("disabled"), []],
    ["permissive", "0", "SELINUX=disabled\nSELINUX=enforcing\n", []],
    [
      "permissive",
      "1",
      conf("enforcing"),
      [`is enforcing, must be permissive, and ${boot("enforcing", "permissive")}`],
    ],
    ["permissive", "1", conf("Permissive"), ["is enforcing, must be permissive"]],
    ["permissive", "0", conf("ENFORCING"), [boot("enforcing", "permissive")]],
    ["permissive", "0", conf(" \t enforcing"), [boot("enforcing", "permissive")]],
    ["enforcing", "1", conf("enforcing"), []],
    ["enforcing", "0", conf("enforcing"), ["is permissive, must be enforcing"]],
    ["enforcing", "1", conf("disabled"), [boot("disabled", "enforcing")]],
    ["enforcing", "1", "SELINUXTYPE=x\n", [boot("nothing", "enforcing")]],
  ] as const)("%s: running '%s', configured %j", async (mode, enforce, config, expected) => {
    await system(enforce, config);
    expect(await phrases(mode)).toEqual(expected);
  });

  it.each([conf("enforcing"), conf("enforcing").trimEnd()])(
    "changes both sides and gives both back",
    async (config) => {
      await system("1", config);
      const before = await read();
      expect((await apply("permissive")).code).toBe(0);
      expect(await read()).toContain(`0\n${config.replace("=enforcing", "=permissive")}`);
      expect((await sandbox.undo(shell)).code).toBe(0);
      expect(await read()).toBe(before);
    },
  );

  it("keeps what people changed in the meantime", async () => {
    await system("1", conf("enforcing"));
    await apply("permissive");
    await sandbox.sh("echo '# theirs' >>/etc/selinux/config");
    await sandbox.undo(shell);
    expect(await read()).toContain(`1\n${conf("enforcing")}# theirs\n`);
    await apply("permissive");
    await sandbox.sh("sed -i s/=permissive/=disabled/ /etc/selinux/config");
    await sandbox.undo(shell);
    expect(await read()).toContain(`${conf("disabled")}# theirs\n`);
  });

  it("adds the line where there is none, and takes it away", async () => {
    await system("1", "SELINUXTYPE=x\n");
    expect((await apply("enforcing")).code).toBe(0);
    expect(await read()).toContain("SELINUXTYPE=x\nSELINUX=enforcing\n");
    await sandbox.sh("echo '# theirs' >>/etc/selinux/config");
    await sandbox.undo(shell);
    expect(await read()).toContain("1\nSELINUXTYPE=x\n# theirs\n");
  });

  it("does not enable a disabled SELinux, and says what that takes", async () => {
    await system("", conf("disabled"));
    const result = await apply("enforcing");
    expect(result.code).toBe(1);
    expect(result.stderr).toContain("fixfiles -F onboot, reboot, then apply again");
    expect(await sandbox.sh("cat /etc/selinux/config")).toBe(conf("disabled"));
  });
});
