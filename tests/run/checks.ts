import { spawn } from "node:child_process";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { ROOT } from "../../offline/paths";
import { sum, type Counts } from "./counts";

/** Checks of the sources; each counts as one test. */
export async function checkSources(): Promise<Counts> {
  const shell = await shellScripts();
  return sum([
    await check("eslint", ["."]),
    await check("prettier", ["--check", "--log-level", "warn", "."]),
    await check("tsc", ["--noCheck", "false"]),
    await check("shellcheck", ["-s", "sh", ...shell]),
  ]);
}

async function check(program: string, args: readonly string[]): Promise<Counts> {
  const start = Date.now();
  const code = await show(program, args);
  const seconds = Math.round((Date.now() - start) / 1000);
  process.stdout.write(`${code === 0 ? "ok    " : "FAILED"} ${program}, ${seconds} s\n`);
  return { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: 0 };
}

/**
 * Runs a program whose output is for the person who looks on; returns its exit code, 127 when there is none. It has no
 * terminal: two that run side by side would move each other's cursor.
 */
export function show(program: string, args: readonly string[], env = process.env): Promise<number> {
  const PATH = `${join(ROOT, "node_modules", ".bin")}:${env["PATH"] ?? ""}`;
  const child = spawn(program, args, {
    cwd: ROOT,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...env, PATH },
  });
  child.stdout.pipe(process.stdout, { end: false });
  child.stderr.pipe(process.stderr, { end: false });
  return new Promise((resolve) => {
    child.on("error", (error) => {
      process.stderr.write(`${program}: ${error.message}\n`);
      resolve(127);
    });
    child.on("close", (code) => resolve(code ?? 1));
  });
}

/** Every shell script in the repository. */
async function shellScripts(): Promise<string[]> {
  const skipped = new Set(["node_modules", ".git", ".lab", "coverage"]);
  const folders = (await readdir(ROOT, { withFileTypes: true }))
    .filter((entry) => entry.isDirectory() && !skipped.has(entry.name))
    .map((entry) => entry.name);
  const found = await Promise.all(
    folders.map(async (folder) =>
      (await readdir(join(ROOT, folder), { recursive: true })).map((name) => join(folder, name)),
    ),
  );
  return [".ci/run", ...found.flat().filter((name) => name.endsWith(".sh"))].sort();
}
