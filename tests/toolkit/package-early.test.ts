import { pkg } from "../../plan/kinds";
import { encodeRequirements, type Requirement } from "../../plan/requirement";
import { earlyLine } from "../../toolkit/script";
import { AptRepository, withApt } from "./apt-repository";
import { type Sandbox, shells, type Shell } from "./sandbox";
import { debs } from "./test-packages";

/* Packages of later stages in the first transaction of a node: the survey of its first update leaves their names. */
let repository: AptRepository;
beforeAll(async () => {
  if (withApt !== describe.skip) repository = await AptRepository.build(debs);
});

let sandbox: Sandbox;
let shell: Shell;
beforeEach(async () => {
  shell = "dash";
  sandbox = await repository.machine();
});
afterEach(() => sandbox.close());

const words = ["--as", "org/project/stack/node"];
const leave = (...early: Requirement[]) => sandbox.sh(earlyLine({ sudo: false }), encodeRequirements(early));
const apply = async (stage: string, ...requirements: Requirement[]) => {
  const result = await sandbox.toolkit(shell, ["apply", stage, ...words], encodeRequirements(requirements));
  expect({ code: result.code, errors: result.stderr.match(/error.*/g) }).toEqual({ code: 0, errors: null });
  return result.stderr;
};
const undo = async (stage: string) => {
  const result = await sandbox.toolkit(shell, ["undo", stage, ...words]);
  expect({ code: result.code, warnings: result.stderr.match(/warning.*/g) }).toEqual({
    code: 0,
    warnings: null,
  });
};
const installed = async () =>
  (await sandbox.sh("dpkg-query -W -f '${Package} ${Status}\\n' 'nptest-*' 2>/dev/null || :"))
    .split("\n")
    .slice(0, -1);

const app = pkg("nptest-app", { hold: true, early: true });
const tool = pkg("nptest-tool", { early: true });
const first = pkg("nptest-late");

withApt.each(shells)("packages that may come early, under %s", (each) => {
  beforeEach(() => {
    shell = each;
  });

  it("come with the first transaction, belong to their own stage, and leave with it", async () => {
    await leave(app, tool);
    expect(await sandbox.sh("stat -c '%a %U' /run/nodeprep-early")).toBe("600 root\n");
    const said = await apply("first", first);
    expect(said).toContain("this transaction also brings what later stages need: nptest-app nptest-tool");
    expect(said.match(/installing .*\(/g)).toEqual(["installing nptest-late nptest-app nptest-tool ("]);
    expect(await apply("later", app)).not.toContain("installing");
    expect(await installed()).toContain("nptest-app hold ok installed");
    await apply("last", tool);
    await undo("later");
    expect(await installed()).toEqual(
      ["nptest-late", "nptest-lib", "nptest-tool"].map((name) => `${name} install ok installed`),
    );
    await undo("last");
    expect(await installed()).toEqual(["nptest-late install ok installed"]);
    await undo("first");
    expect(await installed()).toEqual([]);
  });
});

withApt("packages that may come early", () => {
  it("leave with the stage that brought them where their own never came", async () => {
    await leave(app);
    await apply("first", first);
    expect(await installed()).toContain("nptest-app install ok installed");
    await undo("first");
    expect(await installed()).toEqual([]);
  });

  it("leave the configuration that an earlier life of theirs had left", async () => {
    await sandbox.sh(`apt-get update -q >/dev/null; apt-get -y -q install nptest-app >/dev/null
      echo mine >/etc/nptest-app.conf; dpkg --remove nptest-app nptest-lib`);
    await leave(app);
    await apply("first", first);
    await apply("later", app);
    await undo("later");
    await undo("first");
    expect(await installed()).toContain("nptest-app deinstall ok config-files");
    expect(await sandbox.sh("cat /etc/nptest-app.conf")).toBe("mine\n");
  });

  it("are named once, and are no matter of a later transaction", async () => {
    await leave(app);
    await apply("first", first);
    await sandbox.sh("dpkg --purge nptest-app nptest-late");
    expect(await apply("first", first)).toContain("installing nptest-late (");
    expect(await installed()).not.toContain("nptest-app install ok installed");
  });

  it.each([
    ["cannot be had", pkg("nptest-missing", { early: true })],
    ["cannot be configured", pkg("nptest-broken", { early: true })],
    ["would drive another one out", pkg("nptest-rival", { early: true })],
  ])("and one of which %s keep no earlier stage from ending well", async (_what, early) => {
    await apply("there", pkg("nptest-app"));
    await leave(early);
    expect(await apply("first", first)).toContain("they cannot be installed together; going on without");
    expect(await installed()).toContain("nptest-late install ok installed");
    expect(await installed()).toContain("nptest-app install ok installed");
  });

  it("do not come beside a pinned version, nor where something else makes them unnecessary", async () => {
    await leave(pkg("nptest-tool", { unless: ["tar"], early: true }));
    await apply("first", first);
    await leave(app);
    await apply("second", pkg("nptest-lib", { version: "1" }));
    expect(await installed()).toEqual(
      ["nptest-late", "nptest-lib"].map((name) => `${name} install ok installed`),
    );
  });
});
