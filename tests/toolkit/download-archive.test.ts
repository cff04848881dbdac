import { archive, type ArchiveOptions } from "../../plan/downloads";
import { DownloadWorld, makeServed, removeServed, source } from "./download-world";
import { type Sandbox, shells } from "./sandbox";

const into = "/opt/nodeprep-test/set";
const set = (name = "v1.tar.gz", options: ArchiveOptions = {}) =>
  archive("tools", into, source(name), options);

beforeAll(makeServed);
afterAll(removeServed);

describe.each(shells)("an archive under %s", (shell) => {
  let world: DownloadWorld;
  let sandbox: Sandbox;
  beforeEach(async () => {
    world = await DownloadWorld.open(shell);
    sandbox = world.sandbox;
  });
  afterEach(() => world.close());

  it("unpacks an archive, executables as such, and takes it away again", async () => {
    expect(await world.phrases(set())).toEqual([`differs is not in ${into}, must be`]);
    await world.applied(set());
    const files = await world.look();
    expect(files).toContain("set/bin/tool f 755 root:root");
    expect(files).toContain("set/LICENSE f 644 root:root");
    expect(files).not.toContain(".nodeprep");
    await world.undone();
    expect(await world.look()).toBe("");
  });

  it("sees what became of the files of an archive, and repairs only that", async () => {
    await world.applied(set());
    const inode = await sandbox.sh(`stat -c %i ${into}/bin/old`);
    await sandbox.sh(`echo x >>${into}/bin/tool; rm ${into}/LICENSE; chmod 0777 ${into}/bin/deep/x`);
    expect(await world.phrases(set())).toEqual([
      `differs differs: ${into}/LICENSE is absent, must be a file, ${into}/bin/deep/x has mode 777, must have 755, ${into}/bin/tool has other content`,
    ]);
    await world.applied(set());
    expect(await sandbox.sh(`stat -c %i ${into}/bin/old`)).toBe(inode);
    await sandbox.sh(`chmod 0700 ${into}/bin/tool`);
    await world.applied(set());
    expect(world.asked()).toHaveLength(2);
  });

  it("puts one version of an archive in the other's place, and gives back what it found", async () => {
    await sandbox.sh(
      `mkdir -p ${into}/bin; echo theirs >${into}/bin/old; echo theirs >${into}/bin/other; ln -s other ${into}/bin/new`,
    );
    const found = await world.look();
    await world.applied(set());
    expect(await world.phrases(set("v2.tar.gz"))).toEqual([
      `differs is from another file, must be from the one with SHA-256 ${source("v2.tar.gz").sha256}`,
    ]);
    await world.applied(set("v2.tar.gz"));
    expect(await sandbox.sh(`cd ${into}/bin; cat tool new old other`)).toBe(
      "tool 2\nnew 2\ntheirs\ntheirs\n",
    );
    await world.undone();
    expect(await world.look()).toBe(found);
  });

  it("takes only the members that are asked for, and says when there is no such", async () => {
    await world.applied(set("v1.tar.gz", { from: "bin", members: ["tool", "deep/x"] }));
    expect(await sandbox.sh(`cd ${into}; find . -type f | sort`)).toBe("./deep/x\n./tool\n");
    expect(await world.failed(set("v1.tar.gz", { from: "bin", members: ["tool", "none"] }))).toContain(
      "does not hold none",
    );
    expect(await sandbox.sh(`cd ${into}; find . -type f | sort`)).toBe("./deep/x\n./tool\n");
  });

  it("refuses archives that hold links, and files that are none", async () => {
    expect(await world.failed(set("link.tar.gz"))).toContain(
      "holds ./bin/link, which is neither a folder nor a file",
    );
    expect(await world.failed(set("app"))).toMatch(/cannot be unpacked: .*is it a tar.gz/);
    expect(await world.look()).not.toMatch(/tool|nodeprep-tools/);
  });
});
