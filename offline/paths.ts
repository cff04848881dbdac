import { homedir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { constants } from "node:fs";
import { access, realpath } from "node:fs/promises";

/** The clone (or the package) that this file is part of. */
export const ROOT = resolve(__dirname, "..");

/** The executables that stand in for Pulumi's own where those are not installed. */
export const OFFLINE_BIN = join(ROOT, "offline", "bin");

/** Where nodeprep keeps what is expensive to make; `XDG_CACHE_HOME` moves it. */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  return join(env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "nodeprep");
}

/** Pulumi's own folder of the user: plugins, and CLIs that `npx pulumi` fetched. */
export function pulumiHome(env: NodeJS.ProcessEnv = process.env): string {
  return env["PULUMI_HOME"] ?? join(homedir(), ".pulumi");
}

/** All files of this name in the folders of PATH that may be executed, in order. */
export async function onPath(name: string, env: NodeJS.ProcessEnv = process.env): Promise<string[]> {
  const folders = (env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  const found = await Promise.all(folders.map((folder) => executable(join(folder, name))));
  return found.filter((path) => path !== undefined);
}

/** The path itself if it is a file that may be executed. */
export async function executable(path: string): Promise<string | undefined> {
  try {
    await access(path, constants.X_OK);
    return path;
  } catch {
    return undefined;
  }
}

/**
 * The Go tool, on PATH or where its installer puts it.
 *
 * @throws Error when there is none
 */
export async function findGo(env: NodeJS.ProcessEnv = process.env): Promise<string> {
  const go = (await onPath("go", env))[0] ?? (await executable("/usr/local/go/bin/go"));
  if (!go) throw new Error("there is no Go here to build it with (looked on PATH and in /usr/local/go/bin)");
  return go;
}

/** The path without symbolic links; the path itself where there is nothing. */
export async function real(path: string): Promise<string> {
  return realpath(path).catch(() => path);
}
