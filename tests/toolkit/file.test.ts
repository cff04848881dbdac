import { createHash } from "node:crypto";
import { file } from "../../plan/kinds";
import { Sandbox, shells } from "./sandbox";

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
const saying = (text: string): unknown => expect.stringContaining(text);
const path = "/etc/nodeprep-test/app.conf";

describe.each(shells)("file under %s", (shell) => {
  let sandbox: Sandbox;
  beforeEach(async () => {
    sandbox = await Sandbox.open();
  });
  afterEach(() => sandbox.close());

  const wanted = file(path, "one = 1\ntwo = 2\n");
  const phrases = async (...requirements: ReturnType<typeof file>[]) =>
    (await sandbox.observe(shell, requirements)).map(({ state, phrase }) => `${state} ${phrase}`);
  const applied = async (...requirements: ReturnType<typeof file>[]) => {
    const result = await sandbox.apply(shell, requirements);
    expect({ code: result.code, errors: result.stderr.match(/error.*/g) }).toEqual({ code: 0, errors: null });
  };
  const put = (text: string) => sandbox.sh(`mkdir -p ${path.replace(/\/[^/]*$/, "")} && cat >${path}`, text);
  const state = () => sandbox.sh(`stat -c '%F %a %U:%G %Y' ${path}; cat ${path}`);
  const gone = async () =>
    expect(await sandbox.sh("ls -d /etc/nodeprep-test 2>&1 || :")).toContain("No such file");

  it("writes it with the folders on the way, and takes both away again", async () => {
    expect(await phrases(wanted)).toEqual(["differs is absent, must be a file"]);
    await applied(wanted);
    expect(await phrases(wanted)).toEqual([]);
    expect(await sandbox.sh(`stat -c '%a %U:%G' /etc/nodeprep-test ${path}; cat ${path}`)).toBe(
      "755 root:root\n644 root:root\none = 1\ntwo = 2\n",
    );
    expect((await sandbox.undo(shell)).code).toBe(0);
    await gone();
  });

  it.each([
    ["sed -i s/2/3/ FILE", 'has other content (line 2 is "two = 3", must be "two = 2")'],
    ["echo three >>FILE", 'has other content (line 3 is "three", must not be there)'],
    ["sed -i 2d FILE", "has other content (it ends after line 1 of 2)"],
    [": >FILE", "has other content (it ends after line 0 of 2)"],
    ["truncate -s -1 FILE", "has other content (in its last line break)"],
    [
      "echo secret >FILE; chmod 0600 FILE",
      "has other content (from line 1 on), and has mode 600, must have 644",
    ],
    [
      "printf 'one = 1\\n\\033[31mred\\n' >FILE",
      'has other content (line 2 is "?[31mred", must be "two = 2")',
    ],
    ["chmod 0666 FILE", "has mode 666, must have 644"],
    ["chown daemon:bin FILE", "belongs to daemon:bin, must belong to root:root"],
    ["mv FILE /etc/else; ln -s /etc/else FILE", "is a symbolic link to /etc/else, must be a file"],
    ["rm FILE", "is absent, must be a file"],
    ["rm -r $(dirname FILE)", "is absent, must be a file"],
    ["rm FILE; ln -s nowhere FILE", "is a symbolic link to nowhere, must be a file"],
  ])("sees and repairs: %s", async (tampering, phrase) => {
    await applied(wanted);
    await sandbox.sh(tampering.replaceAll("FILE", path));
    expect(await phrases(wanted)).toEqual([`differs ${phrase}`]);
    await applied(wanted);
    expect(await phrases(wanted)).toEqual([]);
    expect((await sandbox.undo(shell)).code).toBe(0);
    await gone();
  });

  it("refuses what is neither a file nor a link", async () => {
    await sandbox.sh(`mkdir -p ${path}`);
    expect(await phrases(wanted)).toEqual(["differs is a directory, must be a file"]);
    const result = await sandbox.apply(shell, [wanted]);
    expect(result).toMatchObject({ code: 1, stderr: saying("move it away") });
  });

  it("names an immutable file, and the remedy", async () => {
    await applied(wanted);
    await sandbox.sh(`echo other >${path}; chattr +i ${path}`);
    expect((await phrases(wanted))[0]).toMatch(/ and is immutable$/);
    const result = await sandbox.apply(shell, [wanted]);
    expect(result.code).toBe(1);
    expect(result.stderr).toContain(`${path} is immutable; run chattr -i`);
    await sandbox.sh(`chattr -i ${path}`);
    await applied(wanted);
  });

  it.each([
    [
      "content without a last line break",
      `printf 'mine\\r\\nhere' >FILE; chmod 0640 FILE; chown daemon:bin FILE`,
    ],
    ["the wanted content in another mode", `printf 'one = 1\\ntwo = 2\\n' >FILE; chmod 0600 FILE`],
    ["a link", "ln -s ../hostname FILE"],
    ["a dangling link", "ln -s /nowhere/x FILE"],
  ])("gives back what was found: %s", async (_name, script) => {
    await sandbox.sh(
      `mkdir -p /etc/nodeprep-test; ${script.replaceAll("FILE", path)}; touch -hd @1600000000 ${path}`,
    );
    const look = `stat -c '%N %a %U:%G %Y' ${path}; od -c ${path} 2>&1; ls -A /etc/nodeprep-test`;
    const before = await sandbox.sh(`${look} || :`);
    await applied(wanted);
    expect((await sandbox.undo(shell)).code).toBe(0);
    expect(await sandbox.sh(`${look} || :`)).toBe(before);
  });

  it("takes away what a write that was cut off left behind", async () => {
    await applied(wanted);
    await sandbox.sh(`echo half >/etc/nodeprep-test/.nodeprep-app.conf.4711`);
    await sandbox.undo(shell);
    await gone();
  });

  it("leaves a file that somebody changed since, and says so", async () => {
    await applied(wanted);
    await put("theirs\n");
    const result = await sandbox.undo(shell);
    expect(result).toMatchObject({ code: 0, stderr: saying("it stays as it is") });
    expect(await state()).toContain("theirs");
  });

  it("puts a found file back that was deleted since", async () => {
    await put("found\n");
    await applied(wanted);
    await sandbox.sh(`rm ${path}`);
    await sandbox.undo(shell);
    expect(await state()).toContain("found");
  });

  it("keeps hostile paths and content as they are", async () => {
    const hostile = file(
      "/etc/nodeprep-test/$(touch pwned) `id` 'x' \"y\" * \\",
      "$(reboot)\n`id`\n\\x41 %s %n\n\n -n\n",
    );
    await applied(hostile, wanted);
    expect(await phrases(hostile, wanted)).toEqual([]);
    expect(
      await sandbox.sh(`cat "$(ls -d /etc/nodeprep-test/*touch*)"; ls /pwned /etc/pwned 2>/dev/null || :`),
    ).toBe("$(reboot)\n`id`\n\\x41 %s %n\n\n -n\n");
    await sandbox.undo(shell);
    await gone();
  });

  it("holds for owners in numbers, for empty files and for special modes", async () => {
    const files = [
      file("/etc/nodeprep-test/numbers", "x", { owner: "1:2", mode: "0440" }),
      file("/etc/nodeprep-test/empty", ""),
      file("/etc/nodeprep-test/set", "x\n", { mode: "2755" }),
    ];
    await applied(...files);
    expect(await phrases(...files)).toEqual([]);
    expect(await sandbox.sh("cd /etc/nodeprep-test; stat -c '%n %a %u:%g %s' *")).toBe(
      "empty 644 0:0 0\nnumbers 440 1:2 2\nset 2755 0:0 2\n",
    );
  });

  it("changes nothing but the mode where only the mode differs", async () => {
    await applied(wanted);
    const inode = await sandbox.sh(`chmod 0600 ${path}; stat -c '%i %Y' ${path}`);
    await applied(wanted);
    expect(await sandbox.sh(`stat -c '%i %Y' ${path}`)).toBe(inode);
  });

  describe("merged into a user's file", () => {
    const merged = (base: string) => file(path, "base\nmerged\n", { basedOn: base });

    it("is written over what it was based on, and over ourselves", async () => {
      await put("base\n");
      await applied(merged(sha256("base\n")));
      await applied(file(path, "base\nmerged anew\n", { basedOn: sha256("base\n") }));
      await sandbox.undo(shell);
      expect(await state()).toMatch(/\nbase\n$/);
    });

    it("is refused when the file is another by now", async () => {
      await put("changed\n");
      const result = await sandbox.apply(shell, [merged(sha256("base\n"))]);
      expect(result).toMatchObject({
        code: 1,
        stderr: saying("was changed after it was read"),
      });
      expect(await state()).toMatch(/\nchanged\n$/);
      await sandbox.undo(shell);
      expect(await state()).toMatch(/\nchanged\n$/);
    });

    it("is refused where a file has appeared", async () => {
      await put("appeared\n");
      expect((await sandbox.apply(shell, [merged("absent")])).code).toBe(1);
    });

    it("stays when somebody's later edit is part of it", async () => {
      await put("base\n");
      await applied(merged(sha256("base\n")));
      await put("base\nmerged\ntheirs\n");
      await applied(file(path, "base\nmerged more\ntheirs\n", { basedOn: sha256("base\nmerged\ntheirs\n") }));
      const result = await sandbox.undo(shell);
      expect(result.stderr).toContain("it stays as it is");
      expect(await state()).toContain("theirs");
    });
  });

  it("does not write sudo rules that the node's visudo rejects", async () => {
    // Not every machine that runs this test has sudo; the rule for what is an error does not matter here.
    await sandbox.sh(
      "cat >/usr/local/sbin/visudo; chmod +x /usr/local/sbin/visudo",
      '#!/bin/sh\n[ "$1" = -cf ] && grep -q ALL$ "$2"\n',
    );
    const rule = (text: string) =>
      file("/etc/sudoers.d/nodeprep-kube", text, { mode: "0440", check: "sudoers" });
    const result = await sandbox.apply(shell, [rule("kube ALL=(\n")]);
    expect(result).toMatchObject({ code: 1, stderr: saying("its check (sudoers) fails") });
    expect(await sandbox.sh("ls /etc/sudoers.d/nodeprep-kube 2>&1 || :")).toContain("No such file");
    await applied(rule("kube ALL=(ALL:ALL) NOPASSWD:ALL\n"));
    expect(await sandbox.sh("stat -c %a /etc/sudoers.d/nodeprep-kube")).toBe("440\n");
  });

  it("does not write a configuration that the runtime which is to read it rejects, and says why", async () => {
    // A stand-in for containerd: the real one runs in the end-to-end tests.
    await sandbox.sh(
      "cat >/usr/local/sbin/containerd; chmod +x /usr/local/sbin/containerd",
      '#!/bin/sh\n[ "$1 $3 $4" = "--config config dump" ] || exit 9\ngrep -q ^version "$2" || { echo "no version in it" >&2; exit 1; }\n',
    );
    const checked = (text: string) => file(path, text, { check: "containerd" });
    expect((await sandbox.apply(shell, [checked("plugins = 1\n")])).stderr).toContain(
      "its check (containerd) fails: no version in it",
    );
    await gone();
    await applied(checked("version = 3\n"));
    expect(await sandbox.sh("ls -A /var/lib/nodeprep/req/*app.conf")).not.toContain("candidate");
  });
});
