import { archive, binary } from "../../plan/downloads";
import { arrivalsLine } from "../../toolkit/script";
import { DownloadWorld, makeServed, removeServed, served, sha256 } from "./download-world";
import { type Sandbox, shells } from "./sandbox";

const arrivals = "/var/lib/nodeprep/pushed";
const path = "/opt/nodeprep-test/bin/app";
const local = (name: string) => ({ file: `/home/op/binaries/${name}`, sha256: sha256(served(name)) });
const wanted = (name = "app") => binary(path, local(name));

beforeAll(makeServed);
afterAll(removeServed);

describe.each(shells)("a file that the survey pushes, under %s", (shell) => {
  let world: DownloadWorld;
  let sandbox: Sandbox;
  beforeEach(async () => {
    world = await DownloadWorld.open(shell);
    sandbox = world.sandbox;
  });
  afterEach(() => world.close());

  /** What the survey does, whose stdin is binary: here in base64, in two parts. */
  const push = async (name: string): Promise<void> => {
    const content = served(name);
    const sum = sha256(content);
    const look = arrivalsLine("look", [arrivals, sum, "-"], { sudo: false });
    const take = arrivalsLine("take", [arrivals, sum, String(content.length)], { sudo: false });
    expect(await sandbox.sh(look)).toBe(`${sum} 0\n`);
    const half = Math.floor(content.length / 2);
    const part = content.subarray(0, half).toString("base64");
    expect(await sandbox.sh(`base64 -d | ${take} || echo $?`, part)).toBe("4\n");
    expect(await sandbox.sh(look)).toBe(`${sum} ${half}\n`);
    await sandbox.sh(`base64 -d | ${take}`, content.subarray(half).toString("base64"));
    expect(await sandbox.sh(look)).toBe(`${sum} whole\n`);
  };

  it("is put in its place, repaired, replaced and taken away", async () => {
    await push("app");
    await world.applied(wanted());
    expect(await world.look()).toMatch(new RegExp(`app f 755 root:root \n${sha256(served("app"))}  `));
    expect(await sandbox.sh(`ls -A ${arrivals}`)).toBe("");
    await sandbox.sh(`chmod 0700 ${path}`);
    await world.applied(wanted());
    await sandbox.sh(`echo more >>${path}`);
    expect(await world.phrases(wanted())).toEqual(["differs has other content"]);
    expect(await world.failed(wanted())).toContain(
      `download ${path}: app was not brought to this node: run pulumi up again, which pushes it`,
    );
    await push("app");
    await world.applied(wanted());
    await push("app2");
    await world.applied(wanted("app2"));
    await world.undone();
    expect(await world.look()).toBe("");
    expect(world.asked()).toEqual([]);
  });

  it("is not put there when it was changed after it came", async () => {
    await push("app");
    await sandbox.sh(`echo more >>${arrivals}/${sha256(served("app"))}`);
    expect(await world.failed(wanted())).toContain(
      `must have ${sha256(served("app"))}; nothing was replaced`,
    );
    expect(await world.look()).not.toContain("bin/app f");
  });

  it("may be an archive", async () => {
    const tools = archive("tools", "/opt/nodeprep-test/bin", local("v1.tar.gz"), { from: "bin" });
    await push("v1.tar.gz");
    await world.applied(tools);
    expect(await world.look()).toContain("nodeprep-test/bin/tool f 755 root:root");
    // the survey pushes for any difference: here nothing of it is needed
    await sandbox.sh("chmod 0700 /opt/nodeprep-test/bin/tool");
    await push("v1.tar.gz");
    await world.applied(tools);
    expect(await world.look()).toContain("nodeprep-test/bin/tool f 755 root:root");
    expect(await sandbox.sh(`ls -A ${arrivals}`)).toBe("");
    await world.undone();
    expect(await world.look()).toBe("");
  });

  it("that came for nothing goes with the record", async () => {
    await push("app");
    await sandbox.toolkit(shell, ["undo", "--all", "--as", "org/project/stack/node"]);
    expect(await sandbox.sh("ls -d /var/lib/nodeprep 2>&1 || :")).toContain("No such file");
  });
});
