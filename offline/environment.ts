import { mkdir, readdir, readFile, readlink, rename, symlink } from "node:fs/promises";
import { delimiter, join } from "node:path";
import type { EnginePaths } from "./engine";
import { cacheFolder, executable, OFFLINE_BIN, pulumiHome, ROOT } from "./paths";

export interface EnvironmentOptions {
  /**
   * A folder for all that the CLI keeps: its own home (plugins, workspaces) and the stacks' state. Made if missing.
   * Nothing is written to `~/.pulumi`.
   */
  readonly directory: string;
  /** What the environment is based on: that of this process by default. */
  readonly env?: NodeJS.ProcessEnv;
}

/**
 * The environment in which this engine runs nodeprep's program: state in files below `directory`, no update checks,
 * no downloads of plugins, and, only where Pulumi's own are not installed, the language host and the `command`
 * provider of offline/. The passphrase (`PULUMI_CONFIG_PASSPHRASE` or `…_FILE`) is left to the caller.
 */
export async function engineEnvironment(
  engine: EnginePaths,
  options: EnvironmentOptions,
): Promise<NodeJS.ProcessEnv> {
  const base = options.env ?? process.env;
  const home = join(options.directory, "home");
  const state = join(options.directory, "state");
  await mkdir(state, { recursive: true });
  await providePlugins(engine, join(home, "plugins"), join(pulumiHome(base), "plugins"));
  const folders = [join(ROOT, "node_modules", ".bin"), base["PATH"] ?? ""];
  return {
    ...base,
    PATH: folders.join(delimiter),
    PULUMI_HOME: home,
    PULUMI_BACKEND_URL: `file://${state}`,
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    PULUMI_SUPPRESS_NEO_LINK: "true",
    // A command starts Node three times; keeping what it compiled saves a fifth of the time that all of them take.
    NODE_COMPILE_CACHE: join(cacheFolder(base), "compiled"),
  };
}

/** Is Pulumi's own `command` plugin installed, in the version that the program asks for? */
export async function hasOfficialCommandPlugin(env: NodeJS.ProcessEnv = process.env): Promise<boolean> {
  const folder = `resource-command-v${await commandVersion()}`;
  return (
    (await executable(join(pulumiHome(env), "plugins", folder, "pulumi-resource-command"))) !== undefined
  );
}

/** Fills the plugin folder of a private home: links to the plugins installed for the user, then to ours. */
async function providePlugins(engine: EnginePaths, ours: string, installed: string): Promise<void> {
  const folders = await readdir(installed, { withFileTypes: true }).catch(() => []);
  for (const folder of folders.filter((entry) => entry.isDirectory())) {
    for (const file of await readdir(join(installed, folder.name))) {
      await provide(join(ours, folder.name), file, join(installed, folder.name, file));
    }
  }
  const command = `resource-command-v${await commandVersion()}`;
  if (!folders.some((folder) => folder.name === command))
    await provideOurs(ours, command, "pulumi-resource-command");
  if (!engine.languageHost) {
    await provideOurs(ours, `language-nodejs-v${engine.version}`, "pulumi-language-nodejs");
  }
}

function provideOurs(plugins: string, folder: string, file: string): Promise<void> {
  return provide(join(plugins, folder), file, join(OFFLINE_BIN, file));
}

/**
 * The engine wants a real folder for each plugin; what is in it may be a link. A link that is right is left alone and
 * another is replaced in one step, because commands may be running beside this one.
 */
async function provide(folder: string, file: string, target: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const link = join(folder, file);
  if ((await readlink(link).catch(() => undefined)) === target) return;
  const temporary = `${link}.${process.pid}.new`;
  await symlink(target, temporary);
  await rename(temporary, link);
}

/** The version of `@pulumi/command` that is installed here; its plugin has the same. */
export async function commandVersion(): Promise<string> {
  const path = join(ROOT, "node_modules", "@pulumi", "command", "package.json");
  const { version } = JSON.parse(await readFile(path, "utf8")) as { version: string };
  return version;
}
