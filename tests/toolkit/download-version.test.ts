import { archive, binary } from "../../plan/downloads";
import { service } from "../../plan/kinds";
import { requirementName, type Requirement } from "../../plan/requirement";
import { DownloadWorld, makeServed, removeServed, source } from "./download-world";
import { type Sandbox, shells } from "./sandbox";

const path = "/opt/nodeprep-test/bin/app";
const wanted = (version: string, name = "app", fault = "ok") =>
  binary(path, { ...source(name, fault), version });
const into = "/opt/nodeprep-test/set";
const toolsOf = (version: string, name = "v1.tar.gz") => archive("tools", into, { ...source(name), version });
const mistaken = "has the SHA-256 that was given for";

beforeAll(makeServed);
afterAll(removeServed);

describe.each(shells)("another version with the SHA-256 of the one that is there, under %s", (shell) => {
  let world: DownloadWorld;
  let sandbox: Sandbox;
  beforeEach(async () => {
    world = await DownloadWorld.open(shell);
    sandbox = world.sandbox;
  });
  afterEach(() => world.close());

  it("is refused each time, until the sum is corrected; the way back is the same", async () => {
    await world.applied(wanted("1.34.2"));
    const found = await world.look();
    expect(await world.phrases(wanted("1.34.3"))).toEqual([
      `differs ${mistaken} version 1.34.2, must be of version 1.34.3`,
    ]);
    for (const version of ["1.34.3", "1.34.3", "1.34.4"])
      expect(await world.failed(wanted(version))).toContain(
        `error: download ${path}: version ${version} ${mistaken} 1.34.2, so one of the two is wrong; nothing was replaced: take the SHA-256 that the project publishes for ${version}`,
      );
    expect(await world.look()).toBe(found);
    expect(world.asked()).toHaveLength(1);
    await world.applied(wanted("1.34.3", "app2"));
    expect(await world.failed(wanted("1.34.2", "app2"))).toContain(`version 1.34.2 ${mistaken} 1.34.3`);
    await world.applied(wanted("1.34.2"));
    expect(await world.look()).toBe(found);
    await world.undone();
    expect(await world.look()).toBe("");
  });

  it("marks nothing for a restart where it is refused", async () => {
    const unit = (of: Requirement) => [of, service("app.service", { restartAfter: [requirementName(of)] })];
    await world.applied(wanted("1.34.2"));
    const { code } = await sandbox.apply(shell, unit(wanted("1.34.3")));
    expect(code).toBe(1);
    expect(await sandbox.sh("ls /var/lib/nodeprep/restart 2>/dev/null || :")).toBe("");
  });

  it("is right where the program says so: the earlier one was the mistake", async () => {
    await world.applied(wanted("1.34.2", "says"));
    expect(await world.phrases(wanted("1.34.3", "says"))).toEqual([]);
    expect(await world.failed(wanted("1.34.30", "says"))).toContain(`${mistaken} 1.34.2`);
    await world.applied(wanted("1.34.3", "says"));
    expect(await world.failed(wanted("1.34.2", "says"))).toContain(`${mistaken} 1.34.3`);
  });

  it("can be taken back, and the file repaired as what it is", async () => {
    await world.applied(wanted("1.34.2"));
    await sandbox.sh(`echo more >>${path}`);
    expect(await world.phrases(wanted("1.34.3"))).toEqual(["differs has other content"]);
    expect(await world.failed(wanted("1.34.3"))).toContain(`${mistaken} 1.34.2`);
    await world.applied(wanted("1.34.2", "app", "dies"));
  });

  it("is refused of an archive and of a pushed file, too", async () => {
    await world.applied(toolsOf("1.8.0"));
    expect(await world.failed(toolsOf("1.9.0"))).toContain(`download tools: version 1.9.0 ${mistaken} 1.8.0`);
    await world.applied(toolsOf("1.9.0", "v2.tar.gz"));
    await world.applied(wanted("1.34.2"));
    const { sha256 } = source("app");
    expect(await world.failed(binary(path, { file: "bin/app", sha256, version: "1.34.3" }))).toContain(
      "take the file of 1.34.3",
    );
  });

  it("is told from the same version from elsewhere", async () => {
    for (const fault of ["ok", "dies"]) {
      expect(await world.phrases(wanted("1.34.2", "app", fault))).toHaveLength(fault === "ok" ? 1 : 0);
      await world.applied(wanted("1.34.2", "app", fault));
    }
    await world.applied(binary(path, { file: "bin/app", sha256: source("app").sha256, version: "1.34.2" }));
    expect(world.asked()).toHaveLength(1);
  });

  it.each([
    ["a program", () => binary(path, source("app")), wanted],
    ["an archive", () => archive("tools", into, source("v1.tar.gz")), toolsOf],
  ])("is known of %s of an earlier nodeprep from the next apply on", async (_what, unnamed, named) => {
    await world.applied(unnamed());
    expect(await sandbox.sh("ls /var/lib/nodeprep/req/download:*/version 2>&1 || :")).toContain("No such");
    expect(await world.phrases(named("1.34.2"))).toEqual([]);
    await world.applied(named("1.34.2"));
    expect(world.asked()).toHaveLength(1);
    expect(await world.failed(named("1.34.3"))).toContain(`version 1.34.3 ${mistaken} 1.34.2`);
  });

  it("is not what a first download was that failed: its version may be corrected", async () => {
    await world.failed(wanted("1.34.3", "app", "wrong"));
    await world.applied(wanted("1.34.2"));
    expect(await world.failed(wanted("1.34.3"))).toContain(`${mistaken} 1.34.2`);
  });

  it("is refused where the rest of the stage never came to hold", async () => {
    const rest = binary(`${path}2`, source("app2", "wrong"));
    expect((await sandbox.apply(shell, [wanted("1.34.2"), rest])).code).toBe(1);
    expect((await sandbox.apply(shell, [wanted("1.34.3"), rest])).stderr).toContain(`${mistaken} 1.34.2`);
  });
});
