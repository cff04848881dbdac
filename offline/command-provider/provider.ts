import { randomBytes } from "node:crypto";
import { runCommand } from "./command";
import type { EngineLog } from "./engine-log";
import { complete, findFailures, readInputs, type Failure } from "./inputs";
import { revealAll, UNKNOWN, type Properties } from "./properties";

/** What the engine wants done, to which resource. */
export interface Request {
  readonly urn: string;
  /** A preview: nothing may be run. */
  readonly preview: boolean;
}

/** The life of a `command:remote:Command`. Properties keep their secret marks from input to output. */
export class CommandResource {
  private readonly cancelled = new AbortController();

  constructor(private readonly log: EngineLog) {}

  /** Ends everything that is running, on the remote machines too. */
  cancel(): void {
    this.cancelled.abort();
  }

  check(news: Properties): { inputs: Properties; failures: Failure[] } {
    return { inputs: complete(news), failures: findFailures(news) };
  }

  async create(request: Request, news: Properties): Promise<{ id: string; properties: Properties }> {
    const id = nameOf(request.urn) + randomBytes(4).toString("hex");
    if (request.preview) return { id, properties: { ...news, stdout: UNKNOWN, stderr: UNKNOWN } };
    const inputs = readInputs(news);
    return { id, properties: { ...news, ...(await this.run(inputs.create, request, news, {})) } };
  }

  /** Runs `update`, or `create` where there is none. */
  async update(request: Request, olds: Properties, news: Properties): Promise<Properties> {
    if (request.preview) return { ...news, stdout: UNKNOWN, stderr: UNKNOWN };
    const inputs = readInputs(news);
    return { ...news, ...(await this.run(inputs.update ?? inputs.create, request, news, olds)) };
  }

  async delete(request: Request, olds: Properties): Promise<void> {
    await this.run(readInputs(olds).delete, request, olds, olds);
  }

  private async run(
    command: string | undefined,
    { urn }: Request,
    inputs: Properties,
    before: Properties,
  ): Promise<Properties> {
    const previous = { stdout: text(before["stdout"]), stderr: text(before["stderr"]) };
    if (command === undefined) return previous;
    const context = { urn, log: this.log, signal: this.cancelled.signal };
    const { stdout, stderr } = await runCommand(command, readInputs(inputs), previous, context);
    return { stdout, stderr };
  }
}

function nameOf(urn: string): string {
  return urn.split("::").at(-1) ?? "";
}

function text(value: Properties[string] | undefined): string {
  const open = value === undefined ? "" : revealAll(value);
  return typeof open === "string" ? open : "";
}
