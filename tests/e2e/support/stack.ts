import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { outputsSchema, type StackOutputs } from "../../../components/outputs-schema";
import { during, toStderr } from "../../../lab/progress";
import { resolveEngine } from "../../../offline/engine";
import { engineEnvironment } from "../../../offline/environment";
import { ROOT } from "../../../offline/paths";
import { runPulumi } from "../../../offline/run";
import type { RunResult } from "../../../offline/process";
import type { Requirement } from "../../../plan/requirement";
import { decodeRequirements } from "../../support/requirements";

/** The value of `nodeprep:cluster`, as somebody writes it. */
export type ClusterConfig = Readonly<Record<string, unknown>>;

/** What a preview says: which stages would be applied, created or undone, and what people are told. */
export interface Preview {
  /** Commands that the engine would touch, `name: op`, sorted. */
  readonly changes: readonly string[];
  /** Drift: `node: kind:key phrase` warnings. */
  readonly warnings: readonly string[];
  /** All that was printed. */
  readonly text: string;
  readonly code: number | null;
}

interface JsonPreview {
  readonly steps?: readonly { readonly op: string; readonly urn: string }[];
  readonly diagnostics?: readonly { readonly severity: string; readonly message: string }[];
}

interface Deployment {
  readonly deployment: {
    readonly resources?: readonly {
      readonly type: string;
      readonly urn: string;
      readonly inputs?: { readonly stdin?: string | { readonly plaintext: string } };
    }[];
  };
}

const nameOf = (urn: string): string => urn.slice(urn.lastIndexOf("::") + 2);

/** A Pulumi program of this repository, and how a test's configuration becomes its stack's. */
export interface Program {
  readonly folder: string;
  readonly config: (config: ClusterConfig) => Readonly<Record<string, unknown>>;
}

const nodeprep: Program = { folder: ROOT, config: (cluster) => ({ "nodeprep:cluster": cluster }) };

/** A stack of nodeprep's own program or an example, with state, home and config in a folder of its own. */
export class Stack {
  private constructor(
    readonly folder: string,
    private readonly program: Program,
    private readonly env: NodeJS.ProcessEnv,
    private readonly engine: Awaited<ReturnType<typeof resolveEngine>>,
    private readonly name: string,
  ) {}

  /** A new stack, in a backend of its own. */
  static async create(
    config: ClusterConfig,
    { program = nodeprep, name = "test" }: { readonly program?: Program; readonly name?: string } = {},
  ): Promise<Stack> {
    const folder = await mkdtemp(join(tmpdir(), "nodeprep-stack-"));
    const stack = await Stack.in(folder, config, program, name);
    await stack.begin(config);
    return stack;
  }

  /** A copy of a stack that was kept. */
  static async open(kept: string, config: ClusterConfig): Promise<Stack> {
    const folder = await mkdtemp(join(tmpdir(), "nodeprep-stack-"));
    for (const name of ["state", "Pulumi.test.yaml"])
      await cp(join(kept, name), join(folder, name), { recursive: true });
    return Stack.in(folder, config, nodeprep, "test");
  }

  /** A new stack of another program in the same backend, which can refer to this one. */
  async beside(program: Program, config: ClusterConfig): Promise<Stack> {
    const folder = await mkdtemp(join(this.folder, "beside-"));
    const stack = new Stack(folder, program, this.env, this.engine, this.name);
    await stack.begin(config);
    return stack;
  }

  private async begin(config: ClusterConfig): Promise<void> {
    // The CLI writes the stack's salt beside Pulumi.yaml: that must not be the clone.
    await cp(join(this.program.folder, "Pulumi.yaml"), join(this.folder, "Pulumi.yaml"));
    const { code, stderr } = await this.run(["stack", "init"], {}, this.folder);
    if (code !== 0) throw new Error(`pulumi stack init: ${stderr}`);
    await this.configure(config);
  }

  private static async in(
    folder: string,
    config: ClusterConfig,
    program: Program,
    name: string,
  ): Promise<Stack> {
    const engine = await resolveEngine({ log: (line) => process.stderr.write(`${line}\n`) });
    const env = await engineEnvironment(engine, { directory: folder });
    const stack = new Stack(folder, program, { ...env, PULUMI_CONFIG_PASSPHRASE: "e2e" }, engine, name);
    await stack.configure(config);
    return stack;
  }

  /** Replaces the cluster's configuration. What the CLI keeps in the same file stays. */
  async configure(config: ClusterConfig): Promise<void> {
    const text = await readFile(this.configFile, "utf8").catch(() => "{}");
    const kept = parse(text) as Record<string, unknown>;
    await writeFile(this.configFile, stringify({ ...kept, config: this.program.config(config) }));
  }

  get configFile(): string {
    return join(this.folder, `Pulumi.${this.name}.yaml`);
  }

  /** Sets one value below `nodeprep:cluster` the way that people set secrets. */
  async setSecret(path: string, value: string): Promise<void> {
    const words = ["config", "set", "--secret", "--path", `nodeprep:cluster.${path}`];
    const { code, stderr } = await this.run(this.withConfig(...words), {}, this.program.folder, value);
    if (code !== 0) throw new Error(`pulumi config set: ${stderr}`);
  }

  /** Runs any pulumi command on the stack; any exit code is a result. */
  async run(
    args: readonly string[],
    env: NodeJS.ProcessEnv = {},
    cwd = this.program.folder,
    input = "",
  ): Promise<RunResult> {
    const words = [...args, "--stack", this.name];
    let last = "started";
    const onLine = (line: string): void => void (last = line.trim().slice(0, 160) || last);
    const options = { engine: this.engine, env: { ...this.env, ...env }, cwd, input, onLine };
    const doing = (): string => `pulumi ${args[0] ?? ""}: ${last}`;
    const result = await during(runPulumi(words, options), doing, toStderr);
    if (process.env["NODEPREP_E2E_VERBOSE"])
      process.stderr.write(`${args.join(" ")}\n${result.stdout}${result.stderr}\n`);
    return result;
  }

  async must(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<string> {
    const { code, stdout, stderr } = await this.run(args, env);
    if (code !== 0)
      throw new Error(`pulumi ${args.join(" ")} ended with ${String(code)}:\n${stdout}${stderr}`);
    return `${stdout}${stderr}`;
  }

  private readonly withConfig = (...args: string[]): string[] => [...args, "--config-file", this.configFile];

  up(env: NodeJS.ProcessEnv = {}): Promise<string> {
    return this.must(this.withConfig("up", "--yes", "--skip-preview", "--continue-on-error"), env);
  }

  /** An update that may fail. */
  tryUp(env: NodeJS.ProcessEnv = {}): Promise<RunResult> {
    return this.run(this.withConfig("up", "--yes", "--skip-preview", "--continue-on-error"), env);
  }

  destroy(): Promise<string> {
    return this.must(this.withConfig("destroy", "--yes", "--skip-preview"));
  }

  /** A destroy that may fail. */
  tryDestroy(env: NodeJS.ProcessEnv = {}): Promise<RunResult> {
    return this.run(this.withConfig("destroy", "--yes", "--skip-preview"), env);
  }

  async preview(env: NodeJS.ProcessEnv = {}): Promise<Preview> {
    const { code, stdout, stderr } = await this.run(this.withConfig("preview", "--json"), env);
    const text = `${stdout}${stderr}`;
    if (!stdout.trimStart().startsWith("{")) return { changes: [], warnings: [], text, code };
    const json = JSON.parse(stdout) as JsonPreview;
    const changes = (json.steps ?? [])
      .filter(({ op, urn }) => op !== "same" && urn.includes("command:remote:Command"))
      .map(({ op, urn }) => `${nameOf(urn)}: ${op}`);
    const warnings = (json.diagnostics ?? [])
      .filter(({ severity }) => severity === "warning")
      .map(({ message }) => message.replace(/^warning: /, "").trim());
    return { changes: changes.sort(), warnings, text, code };
  }

  /** `pulumi preview --expect-no-changes`, the way CI asks for drift. */
  async expectNoChanges(env: NodeJS.ProcessEnv = {}): Promise<void> {
    await this.must(this.withConfig("preview", "--expect-no-changes", "--diff"), env);
  }

  /** What `pulumi preview --diff` says. */
  diff(): Promise<string> {
    return this.must(this.withConfig("preview", "--diff"));
  }

  /** What such a command prints; nothing of it where it fails. */
  private async asked(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.run(["stack", ...args]);
    if (code !== 0) throw new Error(`pulumi stack ${args.join(" ")} ended with ${code}: ${stderr}`);
    return stdout;
  }

  async outputs(): Promise<Record<string, unknown>> {
    return JSON.parse(await this.asked("output", "--json")) as Record<string, unknown>;
  }

  /** What nodeprep's own program exports, checked, secrets in the clear. */
  async preparedOutputs(): Promise<StackOutputs> {
    return outputsSchema.parse(JSON.parse(await this.asked("output", "--json", "--show-secrets")));
  }

  /** What is kept of the stack, secrets encrypted. */
  state(): Promise<string> {
    return this.asked("export");
  }

  /** Changes the kept state as text, secrets in the clear meanwhile. */
  async rewriteState(change: (text: string) => string): Promise<void> {
    const text = change(await this.asked("export", "--show-secrets"));
    const { code, stderr } = await this.run(["stack", "import"], {}, this.program.folder, text);
    if (code !== 0) throw new Error(`pulumi stack import: ${stderr}`);
  }

  /** The requirements that the stack's Commands carry, by the Command's name; secrets with their texts. */
  async requirements(): Promise<ReadonlyMap<string, readonly Requirement[]>> {
    const { deployment } = JSON.parse(await this.asked("export", "--show-secrets")) as Deployment;
    const commands = (deployment.resources ?? []).filter(({ type }) => type === "command:remote:Command");
    return new Map(
      commands.map(({ urn, inputs: { stdin = "" } = {} }) => {
        const text = typeof stdin === "string" ? stdin : (JSON.parse(stdin.plaintext) as string);
        return [nameOf(urn), decodeRequirements(text)];
      }),
    );
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}
