import { block } from "../../plan/block";
import { Sandbox, shells } from "./sandbox";

const path = "/etc/hosts";
const found = "127.0.0.1\tlocalhost\n127.0.1.1\tbox"; // its last line does not end

describe.each(shells)("block under %s", (shell) => {
  let sandbox: Sandbox;
  beforeEach(async () => {
    sandbox = await Sandbox.open();
    await sandbox.sh(`cat >${path}; chmod 0640 ${path}`, found);
  });
  afterEach(() => sandbox.close());

  const wanted = block(path, ["192.0.2.10 node-0", "192.0.2.11 node-1"]);
  const ours = "# nodeprep: begin\n192.0.2.10 node-0\n192.0.2.11 node-1\n# nodeprep: end\n";
  const phrases = async () => (await sandbox.observe(shell, [wanted])).map(({ phrase }) => phrase);
  const text = () => sandbox.sh(`cat ${path}`);
  const apply = async (one = wanted): Promise<void> => {
    const { code, stderr } = await sandbox.apply(shell, [one]);
    expect([code, stderr]).toEqual([0, expect.anything()]);
  };

  it("puts lines behind those of others, once, and gives the file back byte for byte", async () => {
    expect(await phrases()).toEqual(["lacks the lines of nodeprep, must have them"]);
    await apply();
    expect(await text()).toBe(`${found}\n${ours}`);
    expect(await sandbox.sh(`stat -c %a ${path}`)).toBe("640\n");
    expect(await phrases()).toEqual([]);
    await apply();
    expect(await text()).toBe(`${found}\n${ours}`);
    await sandbox.undo(shell);
    expect(await text()).toBe(found);
  });

  it("says so of a file that is mounted there by itself, as a container's is, and leaves it as it is", async () => {
    await sandbox.sh(`cp ${path} /run/hosts; mount --bind /run/hosts ${path}`);
    const { code, stderr } = await sandbox.apply(shell, [wanted]);
    expect([code, stderr]).toEqual([1, expect.stringContaining(`something is mounted at ${path} itself`)]);
    expect(await text()).toBe(found);
    expect(await sandbox.sh("ls -A /etc | grep nodeprep || :")).toBe("");
  });

  it.each([
    ["sed -i s/192.0.2.11/192.0.2.12/ FILE", "has other lines between the marks of nodeprep"],
    ["sed -i '/^# nodeprep/,/^# nodeprep: end/d' FILE", "lacks the lines of nodeprep"],
    ["sed -i '/^# nodeprep: end/d' FILE", "has other lines between the marks of nodeprep"],
    ["cat FILE FILE >/tmp/twice; cat /tmp/twice >FILE", "has other lines between the marks of nodeprep"],
  ])("sees and repairs, and loses no line of others: %s", async (tampering, phrase) => {
    await apply();
    await sandbox.sh(tampering.replaceAll("FILE", path));
    await sandbox.sh(`echo 198.51.100.1 theirs >>${path}`);
    expect((await phrases())[0]).toContain(phrase);
    await apply();
    expect(await phrases()).toEqual([]);
    expect(await text()).toMatch(/^127\.0\.0\.1\tlocalhost\n127\.0\.1\.1\tbox\n[^]*198\.51\.100\.1 theirs\n/);
    expect((await text()).endsWith(ours)).toBe(true);
  });

  it("is changed as a whole, and undone around what others wrote since", async () => {
    await apply();
    await apply(block(path, ["192.0.2.10 node-0"]));
    expect(await text()).toBe(`${found}\n# nodeprep: begin\n192.0.2.10 node-0\n# nodeprep: end\n`);
    await sandbox.sh(`echo 198.51.100.1 theirs >>${path}`);
    expect((await sandbox.observe(shell, [block(path, ["192.0.2.10 node-0"])])).length).toBe(0);
    await sandbox.undo(shell);
    expect(await text()).toBe(`${found}\n198.51.100.1 theirs\n`);
  });

  it("is put into the file that a link leads to, and the link stays", async () => {
    await sandbox.sh(`mv ${path} /srv/hosts; ln -s /srv/hosts ${path}`);
    await apply();
    expect(await phrases()).toEqual([]);
    const look = () => sandbox.sh(`readlink ${path}; stat -c %a /srv/hosts; cat /srv/hosts`);
    expect(await look()).toBe(`/srv/hosts\n640\n${found}\n${ours}`);
    await sandbox.undo(shell);
    expect(await look()).toBe(`/srv/hosts\n640\n${found}`);
  });

  it("warns where cloud-init makes the file anew at each boot", async () => {
    await sandbox.sh(`echo "# Your system has configured 'manage_etc_hosts' as True." >>${path}`);
    const { code, stderr } = await sandbox.apply(shell, [wanted]);
    expect([code, stderr]).toEqual([
      0,
      expect.stringMatching(/warning: .*cloud-init makes \/etc\/hosts anew/),
    ]);
  });

  it("needs a file that is there", async () => {
    await sandbox.sh(`rm ${path}`);
    expect(await phrases()).toEqual(["is absent, must be a file"]);
    expect((await sandbox.apply(shell, [wanted])).stderr).toContain("there is no such file; create it");
  });
});

test("a block is of lines", () => {
  expect(() => block(path, ["a\nb"])).toThrow("must be one line of text");
  expect(() => block("etc/hosts", ["a"])).toThrow("must be an absolute path");
});
