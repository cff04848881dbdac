import { dirname, join } from "node:path";
import { messageOf } from "../survey/errors";
import { run } from "./process";
import { buildEngine } from "./build-engine";
import { cacheFolder, executable, OFFLINE_BIN, onPath, pulumiHome, real } from "./paths";
import { INSTALL_PAGE, isNewEnough, OLDEST_PULUMI } from "./versions";

/** A Pulumi CLI that works here, and what goes with it. */
export interface EnginePaths {
  /** Absolute path of the CLI. */
  readonly pulumi: string;
  readonly version: string;
  readonly source: "installed" | "cache" | "built";
  /** The language host that Pulumi's installer put beside the CLI or on PATH; none: offline/bin has one. */
  readonly languageHost: string | undefined;
}

export interface EngineOptions {
  /** Receives one line for each thing worth knowing: what was found, what is being built and for how long. */
  readonly log?: (line: string) => void;
  readonly env?: NodeJS.ProcessEnv;
}

/**
 * Finds a Pulumi CLI of at least `OLDEST_PULUMI`: an installed one (PATH, then Pulumi's own folders), else the one
 * in the cache, else one built from its Go module into the cache (minutes, once). Nothing is downloaded and run.
 *
 * @throws Error when there is none and none can be built; it names what was seen and Pulumi's installation page.
 */
export async function resolveEngine(options: EngineOptions = {}): Promise<EnginePaths> {
  const { log = () => undefined, env = process.env } = options;
  const rejected: string[] = [];
  for (const candidate of await installedCandidates(env)) {
    const version = await versionOf(candidate);
    if (version && isNewEnough(version)) return withLanguageHost(candidate, version, "installed", env);
    rejected.push(`${candidate} is ${version ?? "not a Pulumi CLI that answers"}, too old or unusable`);
  }
  rejected.forEach(log);
  const cached = join(cacheFolder(env), "engine", OLDEST_PULUMI, "pulumi");
  if (await executable(cached)) return withLanguageHost(cached, OLDEST_PULUMI, "cache", env);
  try {
    await buildEngine(cached, { log, env });
  } catch (error) {
    throw new Error(noEngine(rejected, error));
  }
  return withLanguageHost(cached, OLDEST_PULUMI, "built", env);
}

/** Below node_modules there is only the downloader that `npx pulumi` starts, which is no CLI yet. */
async function installedCandidates(env: NodeJS.ProcessEnv): Promise<string[]> {
  const home = pulumiHome(env);
  const others = [join(home, "bin", "pulumi"), join(home, "versions", OLDEST_PULUMI, "bin", "pulumi")];
  const found = [...(await onPath("pulumi", env)), ...(await Promise.all(others.map(executable)))];
  const paths = found.filter((path) => path !== undefined);
  const reals = await Promise.all(paths.map(real));
  return [...new Set(paths.filter((_path, index) => !reals[index]?.includes("/node_modules/")))];
}

async function versionOf(pulumi: string): Promise<string | undefined> {
  const env = { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" };
  const result = await run(pulumi, ["version"], { env, timeout: 30_000 }).catch(() => undefined);
  return result?.code === 0 ? result.stdout.trim().replace(/^v/, "") : undefined;
}

async function withLanguageHost(
  pulumi: string,
  version: string,
  source: EnginePaths["source"],
  env: NodeJS.ProcessEnv,
): Promise<EnginePaths> {
  const name = "pulumi-language-nodejs";
  const beside = await executable(join(dirname(await real(pulumi)), name));
  const others = (await onPath(name, env)).filter((path) => dirname(path) !== OFFLINE_BIN);
  return { pulumi, version, source, languageHost: beside ?? others[0] };
}

function noEngine(rejected: readonly string[], error: unknown): string {
  return [
    `There is no Pulumi CLI of version ${OLDEST_PULUMI} or newer on this machine.`,
    ...rejected.map((line) => `  ${line}`),
    `  Building it failed: ${messageOf(error)}`,
    `Install Pulumi as its makers describe: ${INSTALL_PAGE}`,
  ].join("\n");
}
