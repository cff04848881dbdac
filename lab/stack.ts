import { randomBytes } from "node:crypto";
import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import type { EnginePaths } from "../offline/engine";
import { engineEnvironment } from "../offline/environment";
import { ROOT } from "../offline/paths";
import type { RunResult } from "../offline/process";
import { runPulumi } from "../offline/run";
import { exists } from "./files";
import { LAB } from "./fleet";
import type { Say } from "./progress";

export interface LabStackOptions {
  readonly name: string;
  /** Where its state, its passphrase and its copy of the configuration are kept. */
  readonly home: string;
  /** What a `Pulumi.<name>.yaml` says, read anew whenever the stack is opened; without it, what it said last. */
  readonly config?: () => Promise<object>;
}

/** The stack of `Pulumi.dev.yaml`, which is only read. */
export const devStack: LabStackOptions = {
  name: "dev",
  home: LAB,
  config: async () => parse(await readFile(join(ROOT, "Pulumi.dev.yaml"), "utf8")) as object,
};

/** The stack of the cluster's workers. Below its home are also the API server's keys, data and logs. */
export const clusterStack: LabStackOptions = { name: "cluster", home: join(LAB, "cluster") };

/** Has the stack a configuration: its own, or one that it was given earlier? */
export async function isConfigured({ name, home, config }: LabStackOptions): Promise<boolean> {
  const kept = (): Promise<string> => readFile(join(home, "stack", `Pulumi.${name}.yaml`), "utf8");
  return config !== undefined || (await kept().catch(() => "")).includes("nodeprep:cluster:");
}

/** A stack on the lab's machines, everything of it below `.lab/`. */
export class LabStack {
  private constructor(
    private readonly options: LabStackOptions,
    private readonly engine: EnginePaths,
    private readonly env: NodeJS.ProcessEnv,
    private readonly say: Say,
  ) {}

  /** Opens the stack, and makes it at the first time. */
  static async open(options: LabStackOptions, engine: EnginePaths, say: Say): Promise<LabStack> {
    const { home } = options;
    await mkdir(join(home, "stack"), { recursive: true });
    const env = { ...(await engineEnvironment(engine, { directory: home })), ...(await passphrase(home)) };
    const stack = new LabStack(options, engine, env, say);
    await copyFile(join(ROOT, "Pulumi.yaml"), join(stack.folder, "Pulumi.yaml"));
    if (!(await exists(join(home, "state", ".pulumi", "stacks")))) await stack.init();
    await stack.copyConfig();
    return stack;
  }

  /** A folder for the stack's own copy of its configuration: the CLI writes the encryption salt into that file. */
  private get folder(): string {
    return join(this.options.home, "stack");
  }

  private get configFile(): string {
    return join(this.folder, `Pulumi.${this.options.name}.yaml`);
  }

  /** Runs `pulumi <verb>` on the stack and shows what it prints as it comes. */
  async run(verb: string, ...args: readonly string[]): Promise<number> {
    const words = [verb, "--stack", this.options.name, "--config-file", this.configFile, ...args];
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
    return (
      await this.quietly(["stack", "output", "--json", "--stack", this.options.name], ROOT)
    ).stdout.trim();
  }

  private async init(): Promise<void> {
    const { code, stderr } = await this.quietly(["stack", "init", this.options.name], this.folder);
    if (code !== 0) throw new Error(`the lab's stack cannot be made: ${stderr.trim()}`);
  }

  /** What the stack is to have, and what the CLI keeps in the same file. */
  private async copyConfig(): Promise<void> {
    const { config } = this.options;
    if (!config) return;
    const kept = parse(await readFile(this.configFile, "utf8")) as object;
    await writeFile(this.configFile, stringify({ ...kept, ...(await config()) }));
  }

  private quietly(args: readonly string[], cwd: string): Promise<RunResult> {
    return runPulumi(args, { engine: this.engine, env: this.env, cwd });
  }
}

/** The passphrase of the stack's secrets, made at random. */
async function passphrase(home: string): Promise<NodeJS.ProcessEnv> {
  const file = join(home, "passphrase");
  if (!(await exists(file)))
    await writeFile(file, `${randomBytes(24).toString("base64")}\n`, { mode: 0o600 });
  return { PULUMI_CONFIG_PASSPHRASE_FILE: file };
}
