import { mkdirSync, mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { EnginePaths } from "../../../offline/engine";
import { commandVersion, engineEnvironment, hasOfficialCommandPlugin } from "../../../offline/environment";
import { OFFLINE_BIN, ROOT } from "../../../offline/paths";

describe("the environment of the engine", () => {
  let folder: string;
  let base: NodeJS.ProcessEnv;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "nodeprep-environment-"));
    base = { PATH: "/usr/bin", PULUMI_HOME: join(folder, "users"), XDG_CACHE_HOME: join(folder, "cache") };
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const engine: EnginePaths = {
    pulumi: "/x/pulumi",
    version: "3.259.0",
    source: "cache",
    languageHost: undefined,
  };
  const make = (paths = engine) => engineEnvironment(paths, { directory: join(folder, "own"), env: base });
  const plugin = (name: string, file: string) => readlinkSync(join(folder, "own/home/plugins", name, file));
  const install = (name: string, file: string) => {
    mkdirSync(join(folder, "users/plugins", name), { recursive: true });
    writeFileSync(join(folder, "users/plugins", name, file), "", { mode: 0o755 });
    return join(folder, "users/plugins", name, file);
  };

  it("keeps state and home in the given folder, and nothing is fetched", async () => {
    expect(await make()).toMatchObject({
      PATH: `${join(ROOT, "node_modules/.bin")}:/usr/bin`,
      PULUMI_HOME: join(folder, "own/home"),
      PULUMI_BACKEND_URL: `file://${join(folder, "own/state")}`,
      PULUMI_SKIP_UPDATE_CHECK: "true",
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    });
    expect(readdirSync(join(folder, "own")).sort()).toEqual(["home", "state"]);
  });

  it("offers the stand-ins where Pulumi's own are missing, however often it is made", async () => {
    await make();
    await make();
    const command = `resource-command-v${await commandVersion()}`;
    expect(plugin(command, "pulumi-resource-command")).toBe(join(OFFLINE_BIN, "pulumi-resource-command"));
    expect(plugin("language-nodejs-v3.259.0", "pulumi-language-nodejs")).toBe(
      join(OFFLINE_BIN, "pulumi-language-nodejs"),
    );
  });

  it("uses Pulumi's own provider as soon as it is installed, and the user's other plugins", async () => {
    await make();
    const name = `resource-command-v${await commandVersion()}`;
    expect(await hasOfficialCommandPlugin(base)).toBe(false);
    const official = install(name, "pulumi-resource-command");
    const other = install("resource-random-v4.21.2", "pulumi-resource-random");
    expect(await hasOfficialCommandPlugin(base)).toBe(true);
    await make();
    expect(plugin(name, "pulumi-resource-command")).toBe(official);
    expect(plugin("resource-random-v4.21.2", "pulumi-resource-random")).toBe(other);
  });

  it("leaves the language host alone where Pulumi's installer brought one", async () => {
    await make({ ...engine, languageHost: "/x/pulumi-language-nodejs" });
    expect(readdirSync(join(folder, "own/home/plugins"))).toEqual([
      `resource-command-v${await commandVersion()}`,
    ]);
  });
});
