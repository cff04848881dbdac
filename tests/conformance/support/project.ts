import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { resolveEngine, type EnginePaths } from "../../../offline/engine";
import { engineEnvironment } from "../../../offline/environment";
import { ROOT } from "../../../offline/paths";
import type { RunResult } from "../../../offline/process";
import { runPulumi } from "../../../offline/run";

export const PASSPHRASE = "correct horse";

/** The program has what nodeprep has. */
const linkPackages = (folder: string): void =>
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));

/** A Pulumi program in a folder of its own, with one stack, run by the real engine. */
export class Project {
  private constructor(
    readonly folder: string,
    private readonly engine: EnginePaths,
    private readonly env: NodeJS.ProcessEnv,
  ) {}

  /** Makes the project, with these packages; it is started as nodeprep's own program is. */
  static async make(program: string, install = linkPackages): Promise<Project> {
    const folder = mkdtempSync(join(tmpdir(), "nodeprep-project-"));
    const ours = readFileSync(join(ROOT, "Pulumi.yaml"), "utf8");
    writeFileSync(join(folder, "Pulumi.yaml"), ours.replace(/^name: .*/m, "name: probe"));
    writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "probe", private: true }));
    writeFileSync(join(folder, "index.ts"), program);
    install(folder);
    const engine = await resolveEngine({ log: (line) => process.stderr.write(`${line}\n`) });
    const env = await engineEnvironment(engine, { directory: join(folder, ".pulumi") });
    const project = new Project(folder, engine, { ...env, PULUMI_CONFIG_PASSPHRASE: PASSPHRASE });
    await project.must("stack", "init", "test");
    return project;
  }

  pulumi(
    args: readonly string[],
    options: { input?: string; signal?: AbortSignal } = {},
  ): Promise<RunResult> {
    return runPulumi(args, { engine: this.engine, env: this.env, cwd: this.folder, ...options });
  }

  /** Runs a command that has to succeed; answers all that it wrote. */
  async must(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.pulumi(args);
    if (code !== 0) throw new Error(`pulumi ${args.join(" ")} ended with ${code}:\n${stdout}\n${stderr}`);
    return stdout + stderr;
  }

  async setSecret(key: string, value: string): Promise<void> {
    const { code, stderr } = await this.pulumi(["config", "set", "--secret", key], { input: value });
    if (code !== 0) throw new Error(stderr);
  }

  async outputs(): Promise<Record<string, unknown>> {
    return JSON.parse(await this.must("stack", "output", "--json", "--show-secrets")) as Record<
      string,
      unknown
    >;
  }

  /** Every file that the engine keeps of its stacks, current and past. */
  state(): string {
    const folder = join(this.folder, ".pulumi", "state");
    mkdirSync(folder, { recursive: true });
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), "utf8"))
      .join("\n");
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
