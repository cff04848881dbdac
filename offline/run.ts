import { run, type RunOptions, type RunResult } from "./process";
import type { EnginePaths } from "./engine";
import { ROOT } from "./paths";

export interface PulumiOptions extends RunOptions {
  readonly engine: EnginePaths;
  /** From `engineEnvironment`, with a passphrase added. */
  readonly env: NodeJS.ProcessEnv;
}

/**
 * Runs one `pulumi` command, never asking anything of anybody, in nodeprep's own folder unless `cwd` says otherwise.
 * Any exit code is a result, not an error.
 *
 * ```ts
 * const engine = await resolveEngine({ log: console.log });
 * const env = { ...(await engineEnvironment(engine, { directory: ".lab/pulumi" })), PULUMI_CONFIG_PASSPHRASE: "lab" };
 * const { code } = await runPulumi(["up", "--yes", "--skip-preview", "-s", "dev"], { engine, env, onLine: console.log });
 * ```
 */
export function runPulumi(args: readonly string[], options: PulumiOptions): Promise<RunResult> {
  return run(options.engine.pulumi, [...args, "--non-interactive", "--color", "never"], {
    cwd: ROOT,
    ...options,
  });
}
