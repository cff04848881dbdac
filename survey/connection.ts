import { Readable } from "node:stream";
import type { Client, ClientChannel } from "ssh2";
import { messageOf, SurveyError, type SurveyReason } from "./errors";
import { hangUp, logIn, type LoggedIn } from "./login";
import { printable } from "./text";
import type { Endpoint, NodeConnection } from "./types";
import { address } from "./wording";

/** What a command printed and how it ended. `code` is 255 where a signal ended it. */
export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Bounds of one command. */
export interface CommandLimits {
  /** What the command does, for errors: `reading facts`. */
  readonly what: string;
  /** Default 60. With a stream as stdin: since the last bytes that went. */
  readonly timeoutSeconds?: number;
  /** Most bytes of stdout and of stderr each. Default 4 MiB. */
  readonly outputLimit?: number;
}

/** An open SSH session to a node. */
export interface Session {
  /** Runs one command with this stdin. Fails with a SurveyError when it cannot be run to its end. */
  run(command: string, stdin: string | Readable, limits: CommandLimits): Promise<CommandResult>;
  /** Resolves when the connections have ended. */
  close(): Promise<void>;
}

/** Opens a session; at most `dialTimeoutSeconds` for each machine on the way. Fails with a SurveyError. */
export async function openSession(node: string, connection: NodeConnection): Promise<Session> {
  const machines = await logIn(node, connection);
  const client = (machines.at(-1) as LoggedIn).client;
  return {
    run: (command, stdin, limits) => runCommand(client, { node, connection, limits }, command, stdin),
    close: async () => {
      for (const machine of [...machines].reverse()) await hangUp(machine);
    },
  };
}

/** Does work over a session of its own, which has ended when this has. Fails with a SurveyError, or as the work does. */
export async function withSession<T>(
  node: string,
  connection: NodeConnection,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const session = await openSession(node, connection);
  try {
    return await work(session);
  } finally {
    await session.close();
  }
}

/** Whether this user becomes root by sudo. */
export const needsSudo = ({ user }: Pick<Endpoint, "user">): boolean => user !== "root";

interface Running {
  readonly node: string;
  readonly connection: NodeConnection;
  readonly limits: CommandLimits;
}

const tryAgain = "Try again; if it stays so, log in by hand and see what the machine is busy with.";

function failure({ node, connection, limits }: Running, reason: SurveyReason, seen: string): SurveyError {
  return new SurveyError(node, reason, `${address(connection)}: ${limits.what} ${seen}`, tryAgain);
}

function runCommand(
  client: Client,
  running: Running,
  command: string,
  stdin: string | Readable,
): Promise<CommandResult> {
  const { timeoutSeconds = 60, outputLimit = 4 * 1024 * 1024 } = running.limits;
  return new Promise((resolve, reject) => {
    let channel: ClientChannel | undefined;
    const release = (): void => {
      clearTimeout(timer);
      client.off("close", lost);
      if (stdin instanceof Readable) stdin.destroy();
    };
    const fail = (reason: SurveyReason, seen: string): void => {
      release();
      reject(failure(running, reason, seen));
      channel?.close();
    };
    const lost = (): void => fail("dropped", "was cut off: the connection was lost");
    const late = (): void => fail("timeout", `took longer than ${timeoutSeconds} s`);
    const timer = setTimeout(late, timeoutSeconds * 1000);
    client.once("close", lost);
    // From the start: an error without a listener would end the program.
    if (typeof stdin !== "string")
      stdin.on("error", (cause) => fail("push", `could not read its file: ${printable(cause.message)}`));
    begin(client, command, (opened) => {
      if (opened instanceof Error) return fail("dropped", `could not begin: ${printable(opened.message)}`);
      channel = opened;
      const tooMuch = (): void => fail("protocol", `printed more than ${outputLimit} bytes`);
      collect(opened, outputLimit, tooMuch, (result) => {
        release();
        resolve(result);
      });
      if (typeof stdin === "string") return void opened.end(stdin);
      stdin.on("data", () => timer.refresh());
      stdin.pipe(opened);
    });
  });
}

/** Starts the command. ssh2 throws where the connection is gone already; that is an error like the others here. */
function begin(client: Client, command: string, begun: (opened: ClientChannel | Error) => void): void {
  try {
    client.exec(command, (error, channel) => begun(error ?? channel));
  } catch (cause) {
    begun(new Error(messageOf(cause)));
  }
}

function collect(
  channel: ClientChannel,
  limit: number,
  tooMuch: () => void,
  done: (result: CommandResult) => void,
): void {
  const parts: Record<"stdout" | "stderr", Buffer[]> = { stdout: [], stderr: [] };
  const size = { stdout: 0, stderr: 0 };
  const keep = (from: "stdout" | "stderr") => (bytes: Buffer) => {
    size[from] += bytes.length;
    if (size[from] > limit) tooMuch();
    else parts[from].push(bytes);
  };
  let code = 255;
  channel.on("data", keep("stdout"));
  channel.stderr.on("data", keep("stderr"));
  // A command that ends before it has read all of its input is judged by what it said, not by the broken pipe.
  channel.on("error", () => undefined);
  channel.on("exit", (exit: number | null) => (code = exit ?? 255));
  channel.on("close", () =>
    done({
      code,
      stdout: Buffer.concat(parts.stdout).toString(),
      stderr: Buffer.concat(parts.stderr).toString(),
    }),
  );
}
