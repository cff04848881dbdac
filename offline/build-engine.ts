import { copyFile, mkdir, readdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { findGo, ROOT } from "./paths";
import { run } from "./process";
import { OLDEST_PULUMI } from "./versions";

const COMMAND = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi";
const VERSION_VARIABLE = "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version";

const WORK = ".build-";

/** How often the progress of a build is reported, in milliseconds. */
const REPORT_EVERY = 15_000;

export interface BuildOptions {
  readonly log: (line: string) => void;
  readonly env: NodeJS.ProcessEnv;
}

/**
 * Builds the Pulumi CLI from its Go module, pinned by engine/go.mod and go.sum, and puts it at `target` in one
 * step, so that a build that was cut off leaves nothing behind that looks whole. Takes about five minutes on two cores.
 *
 * @throws Error when Go is missing or too old, or when the module cannot be had or built.
 */
export async function buildEngine(target: string, options: BuildOptions): Promise<void> {
  const go = await findGo(options.env);
  const parent = dirname(dirname(target));
  await mkdir(parent, { recursive: true });
  await removeLeftovers(parent);
  const work = join(parent, `${WORK}${process.pid}`);
  await mkdir(work);
  try {
    await compile(go, work, options);
    await mkdir(dirname(target), { recursive: true });
    await rename(join(work, "pulumi"), target);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Builds that were cut off leave their folder; it bears the number of a process that is gone. */
async function removeLeftovers(parent: string): Promise<void> {
  const names = (await readdir(parent)).filter((name) => name.startsWith(WORK));
  for (const name of names.filter((one) => !isRunning(Number(one.slice(WORK.length))))) {
    await rm(join(parent, name), { recursive: true, force: true });
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function compile(go: string, work: string, { log, env }: BuildOptions): Promise<void> {
  for (const file of ["go.mod", "go.sum", "tools.go"]) {
    await copyFile(join(ROOT, "offline", "engine", file), join(work, file));
  }
  const flags = `-s -w -X ${VERSION_VARIABLE}=v${OLDEST_PULUMI}`;
  const args = ["build", "-v", "-mod=mod", "-trimpath", "-ldflags", flags, "-o", "pulumi", COMMAND];
  const progress = reportProgress(log);
  try {
    const result = await run(go, args, {
      cwd: work,
      env: { ...env, GOTOOLCHAIN: "local", GOWORK: "off", CGO_ENABLED: "0" },
      onLine: progress.line,
    });
    if (result.code === 0) return;
    const how = result.code < 0 ? "was killed" : `ended with ${result.code}`;
    throw new Error(`${go} build ${how}: ${lastLines(result.stderr)}`);
  } finally {
    progress.stop();
  }
}

/** With `-v`, Go names each module that it downloads and each package that it compiles, on a line of its own. */
function reportProgress(log: BuildOptions["log"]): { line: () => void; stop: () => void } {
  const start = Date.now();
  let steps = 0;
  log(`Building the Pulumi CLI ${OLDEST_PULUMI} from its Go module, once (about five minutes on two cores)`);
  const timer = setInterval(() => {
    log(`Building the Pulumi CLI: ${steps} packages, ${Math.round((Date.now() - start) / 1000)} s`);
  }, REPORT_EVERY);
  return { line: () => (steps += 1), stop: () => clearInterval(timer) };
}

function lastLines(text: string): string {
  return text.trim().split("\n").slice(-5).join("; ");
}
