import { randomBytes } from "node:crypto";
import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import type { EnginePaths } from "../offline/engine";
import { engineEnvironment } from "../offline/environment";
import { ROOT } from "../offline/paths";
import type { RunResult } from "../offline/process";
import { runPulumi } from "../offline/run";
import { exists } from "./image";
import { LAB } from "./fleet";
import type { Say } from "./progress";

const STACK = "dev";

/** A folder for the stack's own copy of its configuration: the CLI writes the encryption salt into that file. */
const folder = join(LAB, "stack");
const configFile = join(folder, `Pulumi.${STACK}.yaml`);

/** The `dev` stack on the lab's machines, its state and passphrase below `.lab/`. */
export class LabStack {
  private constructor(
    private readonly engine: EnginePaths,
    private readonly env: NodeJS.ProcessEnv,
    private readonly say: Say,
  ) {}

  /** Opens the stack, and makes it at the first time. `Pulumi.dev.yaml` is read anew and never written. */
  static async open(engine: EnginePaths, say: Say): Promise<LabStack> {
    await mkdir(folder, { recursive: true });
    const env = { ...(await engineEnvironment(engine, { directory: LAB })), ...(await passphrase()) };
    const stack = new LabStack(engine, env, say);
    await copyFile(join(ROOT, "Pulumi.yaml"), join(folder, "Pulumi.yaml"));
    if (!(await exists(join(LAB, "state", ".pulumi", "stacks")))) await stack.init();
    await copyConfig();
    return stack;
  }

  /** Runs `pulumi <verb>` on the stack and shows what it prints as it comes. */
  async run(verb: string, ...args: readonly string[]): Promise<number> {
    const words = [verb, "--stack", STACK, "--config-file", configFile, ...args];
    const { engine, env, say } = this;
    const ignore = (): void => undefined; // Ctrl-C reaches the engine too, which ends in order
    process.on("SIGINT", ignore);
    try {
      return (await runPulumi(words, { engine, env, onLine: say })).code;
    } finally {
      process.off("SIGINT", ignore);
    }
  }

  /** The stack's outputs as JSON text. */
  async outputs(): Promise<string> {
    return (await this.quietly(["stack", "output", "--json", "--stack", STACK], ROOT)).stdout.trim();
  }

  private async init(): Promise<void> {
    const { code, stderr } = await this.quietly(["stack", "init", STACK], folder);
    if (code !== 0) throw new Error(`the lab's stack cannot be made: ${stderr.trim()}`);
  }

  private quietly(args: readonly string[], cwd: string): Promise<RunResult> {
    return runPulumi(args, { engine: this.engine, env: this.env, cwd });
  }
}

/** What is committed, and what the CLI keeps in the same file. */
async function copyConfig(): Promise<void> {
  const kept = parse(await readFile(configFile, "utf8")) as Record<string, unknown>;
  const committed = parse(await readFile(join(ROOT, `Pulumi.${STACK}.yaml`), "utf8")) as Record<
    string,
    unknown
  >;
  await writeFile(configFile, stringify({ ...kept, ...committed }));
}

/** The passphrase of the stack's secrets, made at random for this clone. */
async function passphrase(): Promise<NodeJS.ProcessEnv> {
  const file = join(LAB, "passphrase");
  if (!(await exists(file)))
    await writeFile(file, `${randomBytes(24).toString("base64")}\n`, { mode: 0o600 });
  return { PULUMI_CONFIG_PASSPHRASE_FILE: file };
}
