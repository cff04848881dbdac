import { directory, file } from "../../plan/kinds";
import { Sandbox, shells } from "./sandbox";

const path = "/opt/nodeprep-test/deep/dir";

describe.each(shells)("directory under %s", (shell) => {
  let sandbox: Sandbox;
  beforeEach(async () => {
    sandbox = await Sandbox.open();
  });
  afterEach(() => sandbox.close());

  const wanted = directory(path, { mode: "0750" });
  const phrases = async () => (await sandbox.observe(shell, [wanted])).map(({ phrase }) => phrase);
  const look = () => sandbox.sh("find /opt/nodeprep-test -printf '%p %y %m %u:%g\\n' 2>/dev/null | sort");

  it("is made, with the folders on the way, and taken away again", async () => {
    expect(await phrases()).toEqual(["is absent, must be a directory"]);
    const inside = file(`${path}/file`, "x\n");
    expect((await sandbox.apply(shell, [wanted, inside])).code).toBe(0);
    expect(await look()).toContain("deep/dir d 750 root:root");
    expect(await phrases()).toEqual([]);
    await sandbox.undo(shell);
    expect(await look()).toBe("");
  });

  it("is not said to stay where what is in it goes later", async () => {
    const inside = file(`${path}/file`, "x\n");
    const undone = async () => (await sandbox.undo(shell)).stderr.match(/^.* stays: .*$/gm);
    expect((await sandbox.apply(shell, [inside, wanted])).code).toBe(0);
    expect(await undone()).toBeNull();
    expect(await look()).toBe("");
    expect((await sandbox.apply(shell, [inside, wanted])).code).toBe(0);
    await sandbox.sh(`touch ${path}/theirs`);
    expect(await undone()).toEqual([`nodeprep: warning: directory ${path} stays: it is not empty`]);
  });

  it.each([
    ["chmod 0777 DIR", "has mode 777, must have 750"],
    ["chmod 2750 DIR", "has mode 2750, must have 750"],
    ["chown daemon DIR", "belongs to daemon:root, must belong to root:root"],
    ["rmdir DIR", "is absent, must be a directory"],
  ])("sees and repairs: %s", async (tampering, phrase) => {
    await sandbox.apply(shell, [wanted]);
    await sandbox.sh(tampering.replaceAll("DIR", path));
    expect(await phrases()).toEqual([phrase]);
    expect((await sandbox.apply(shell, [wanted])).code).toBe(0);
    expect(await phrases()).toEqual([]);
  });

  it("gives back mode and owner that it found, unless somebody changed them since", async () => {
    await sandbox.sh(`mkdir -p ${path}; chmod 0711 ${path}; chown daemon:bin ${path}; touch ${path}/theirs`);
    const before = await look();
    await sandbox.apply(shell, [wanted]);
    await sandbox.undo(shell);
    expect(await look()).toBe(before);
    await sandbox.apply(shell, [wanted]);
    await sandbox.sh(`chmod 0701 ${path}`);
    await sandbox.undo(shell);
    expect(await look()).toContain("dir d 701");
  });

  it("gives them back where runs failed after and before they set others", async () => {
    await sandbox.sh(`mkdir -p ${path}; chmod 0711 ${path}`);
    const before = await look();
    const fails = file("/proc/none", "x\n");
    const mode = (of: string) => directory(path, { mode: of });
    expect(await sandbox.apply(shell, [wanted])).toMatchObject({ code: 0 });
    expect(await sandbox.apply(shell, [mode("0701"), fails])).toMatchObject({ code: 1 });
    expect(await sandbox.apply(shell, [fails, mode("0700")])).toMatchObject({ code: 1 });
    expect(await look()).toContain("dir d 701");
    await sandbox.undo(shell);
    expect(await look()).toBe(before);
  });

  it("stays, with a warning, when somebody put something into it", async () => {
    await sandbox.apply(shell, [wanted]);
    await sandbox.sh(`touch ${path}/theirs`);
    expect((await sandbox.undo(shell)).stderr).toContain("it is not empty");
    expect(await look()).toContain("theirs");
  });

  it("takes away what a service has made in it, and nothing else", async () => {
    const contents = directory(path, { mode: "0750", contents: ["state", "pods", "plugins"] });
    await sandbox.apply(shell, [contents]);
    await sandbox.sh(`mkdir -p ${path}/pods/1/volumes; touch ${path}/state ${path}/pods/1/hosts`);
    expect((await sandbox.undo(shell)).stderr).not.toContain("warning");
    expect(await look()).toBe("");
    await sandbox.apply(shell, [contents]);
    await sandbox.sh(
      `mkdir -p ${path}/pods/1/volume; touch ${path}/state ${path}/theirs; mount -t tmpfs tmpfs ${path}/pods/1/volume; touch ${path}/pods/1/volume/data`,
    );
    expect((await sandbox.undo(shell)).stderr).toMatch(
      /pods stays: something is mounted there[^]*it is not empty/,
    );
    expect(await look()).toMatch(/\/pods\/1\/volume\/data [^]*\/theirs /);
    expect(await look()).not.toContain("/state");
  });

  it("leaves in a folder that was there before whatever is in it", async () => {
    await sandbox.sh(`mkdir -p ${path}; touch ${path}/state`);
    await sandbox.apply(shell, [directory(path, { contents: ["state"] })]);
    await sandbox.undo(shell);
    expect(await look()).toContain("/state f");
  });

  it("may be a link to a directory, and is refused where something else is", async () => {
    await sandbox.sh(
      `mkdir -p /srv/data ${path}; chmod 0750 /srv/data; rmdir ${path}; ln -s /srv/data ${path}`,
    );
    expect((await sandbox.observe(shell, [wanted])).map(({ state }) => state)).toEqual(["unrecorded"]);
    await sandbox.sh(`rm ${path}; touch ${path}`);
    expect((await sandbox.apply(shell, [wanted])).stderr).toContain("move it away");
    await sandbox.undo(shell);
    expect(await look()).toContain("dir f 644");
  });
});
