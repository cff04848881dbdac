import type { Client, ClientChannel } from "ssh2";
import { goQuote } from "./quote";

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

/** Milliseconds that a cancelled command has between being asked to end and being made to. */
const CANCEL_GRACE = 5_000;

/**
 * Runs one command on an open connection.
 *
 * @throws Error `Process exited with status N: running "COMMAND":\nOUTPUT` unless it ends with 0.
 */
export async function execute(client: Client, execution: Execution): Promise<Outcome> {
  const channel = await start(client, execution);
  const stopCancelling = cancelWhenAsked(channel, execution.signal);
  const output = collect(channel, execution.onOutput);
  channel.on("error", () => undefined); // its end is what counts
  channel.end(execution.stdin);
  try {
    const problem = await ended(channel);
    if (problem === undefined) return { stdout: output.stdout(), stderr: output.stderr() };
    const reason = execution.signal.aborted ? `context canceled (${problem})` : problem;
    throw new Error(`${reason}: running ${goQuote(execution.command)}:\n${output.both()}`);
  } finally {
    stopCancelling();
  }
}

function start(client: Client, { command, environment }: Execution): Promise<ClientChannel> {
  return new Promise((resolve, reject) => {
    client.exec(command, { env: environment }, (error, channel) => {
      if (error) reject(new Error(`ssh: ${error.message}: running ${goQuote(command)}:\n`));
      else resolve(channel);
    });
  });
}

/** Why the command did not succeed; undefined if it did. */
function ended(channel: ClientChannel): Promise<string | undefined> {
  let problem: string | undefined = "wait: remote command exited without exit status or exit signal";
  channel.on("exit", (code: number | null, signal?: string) => {
    if (code === 0) problem = undefined;
    else if (code !== null) problem = `Process exited with status ${code}`;
    else
      problem = `Process exited with status ${signalStatus(signal)} from signal ${signal?.replace(/^SIG/, "") ?? "?"}`;
  });
  return new Promise((resolve) => channel.on("close", () => resolve(problem)));
}

const signals: Record<string, number> = {
  HUP: 1,
  INT: 2,
  QUIT: 3,
  ABRT: 6,
  KILL: 9,
  SEGV: 11,
  PIPE: 13,
  TERM: 15,
};

function signalStatus(signal: string | undefined): number {
  return 128 + (signals[(signal ?? "").replace(/^SIG/, "")] ?? 0);
}

/** The command would outlive a connection that is merely cut: it is told to end, then made to, then left. */
function cancelWhenAsked(channel: ClientChannel, signal: AbortSignal): () => void {
  const timers: NodeJS.Timeout[] = [];
  const cancel = (): void => {
    channel.signal("TERM");
    timers.push(setTimeout(() => channel.signal("KILL"), CANCEL_GRACE));
    timers.push(setTimeout(() => channel.destroy(), 2 * CANCEL_GRACE));
  };
  if (signal.aborted) cancel();
  signal.addEventListener("abort", cancel);
  return () => {
    timers.forEach(clearTimeout);
    signal.removeEventListener("abort", cancel);
  };
}

function collect(channel: ClientChannel, onOutput: Execution["onOutput"]) {
  const chunks: { stream: "stdout" | "stderr"; chunk: Buffer }[] = [];
  const take = (stream: "stdout" | "stderr") => (chunk: Buffer) => {
    chunks.push({ stream, chunk });
    onOutput(stream, chunk);
  };
  channel.on("data", take("stdout"));
  channel.stderr.on("data", take("stderr"));
  const text = (stream?: string): string => {
    const wanted = chunks.filter((one) => stream === undefined || one.stream === stream);
    return Buffer.concat(wanted.map(({ chunk }) => chunk)).toString("utf8");
  };
  const output = (stream: string) => () => text(stream).replace(/\n$/, "");
  return { stdout: output("stdout"), stderr: output("stderr"), both: () => text() };
}
