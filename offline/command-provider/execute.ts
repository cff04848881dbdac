import { constants } from "node:os";
import type { Client, ClientChannel } from "ssh2";
import { goQuote } from "./quote";
import { stopCommands } from "./stop";

export interface Execution {
  readonly command: string;
  readonly stdin: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  /** Receives output as it comes. */
  readonly onOutput: (stream: "stdout" | "stderr", chunk: Buffer) => void;
}

export interface Outcome {
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs one command on an open connection.
 *
 * @throws Error `Process exited with status N: running "COMMAND":\nOUTPUT` unless it ends with 0.
 */
export async function execute(client: Client, execution: Execution): Promise<Outcome> {
  const { command, signal } = execution;
  let callOff = (): void => undefined;
  const stop = (): void => {
    callOff = stopCommands(client);
  };
  try {
    const running = await start(client, execution);
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop);
    const problem = await running.ended;
    const { output } = running;
    if (problem === undefined) return { stdout: output.text("stdout"), stderr: output.text("stderr") };
    const reason = signal.aborted ? `context canceled (${problem})` : problem;
    throw new Error(`${reason}: running ${goQuote(command)}:\n${output.everything()}`);
  } finally {
    callOff();
    signal.removeEventListener("abort", stop);
  }
}

interface Running {
  /** Why the command did not succeed; undefined if it did. */
  readonly ended: Promise<string | undefined>;
  readonly output: Output;
}

/** A short command may have ended before anybody could wait for this, so everything is listened to at once. */
function start(client: Client, { command, environment, stdin, onOutput }: Execution): Promise<Running> {
  return new Promise((resolve, reject) => {
    client.exec(command, { env: environment }, (error, channel) => {
      if (error) {
        reject(new Error(`ssh: ${error.message}: running ${goQuote(command)}:\n`));
        return;
      }
      channel.on("error", () => undefined); // its end is what counts
      resolve({ ended: ending(channel), output: new Output(channel, onOutput) });
      channel.end(stdin);
    });
  });
}

function ending(channel: ClientChannel): Promise<string | undefined> {
  let problem: string | undefined = "wait: remote command exited without exit status or exit signal";
  channel.on("exit", (code: number | null, signal?: string) => {
    if (code === 0) problem = undefined;
    else if (code !== null) problem = `Process exited with status ${code}`;
    else problem = `Process exited with status ${signalStatus(signal)} from signal ${bare(signal)}`;
  });
  return new Promise((resolve) => channel.on("close", () => resolve(problem)));
}

const bare = (signal: string | undefined): string => (signal ?? "").replace(/^SIG/, "");

function signalStatus(signal: string | undefined): number {
  const numbers: Readonly<Record<string, number>> = constants.signals;
  return 128 + (numbers[`SIG${bare(signal)}`] ?? 0);
}

class Output {
  private readonly chunks: { stream: "stdout" | "stderr"; chunk: Buffer }[] = [];

  constructor(channel: ClientChannel, onOutput: Execution["onOutput"]) {
    const take = (stream: "stdout" | "stderr") => (chunk: Buffer) => {
      this.chunks.push({ stream, chunk });
      onOutput(stream, chunk);
    };
    channel.on("data", take("stdout"));
    channel.stderr.on("data", take("stderr"));
  }

  /** One stream, without its last newline. */
  text(stream: "stdout" | "stderr"): string {
    const own = this.chunks.filter((one) => one.stream === stream);
    return Buffer.concat(own.map(({ chunk }) => chunk))
      .toString("utf8")
      .replace(/\n$/, "");
  }

  /** Both streams, in the order in which they came. */
  everything(): string {
    return Buffer.concat(this.chunks.map(({ chunk }) => chunk)).toString("utf8");
  }
}
