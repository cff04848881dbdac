import { connect, type Socket } from "node:net";
import { createInterface } from "node:readline";

interface Reply {
  readonly return?: unknown;
  readonly error?: { readonly desc: string };
}

/** A connection to a running QEMU's control socket. One command at a time. */
export class Qmp {
  private readonly waiting: ((reply: Reply | Error) => void)[] = [];

  private constructor(private readonly socket: Socket) {
    const lines = createInterface(socket).on("line", (line) => {
      const reply = JSON.parse(line) as Reply;
      if ("return" in reply || "error" in reply) this.waiting.shift()?.(reply);
    });
    // It passes the socket's errors on, which are dealt with below.
    lines.on("error", () => undefined);
    const fail = (error?: Error): void => {
      for (const give of this.waiting.splice(0))
        give(new Error(error?.message ?? "QEMU closed its control socket"));
    };
    socket.on("error", fail).on("close", () => fail());
  }

  /** @throws Error when nobody listens on the socket. */
  static async open(path: string): Promise<Qmp> {
    const socket = connect(path);
    await new Promise<void>((resolve, reject) => {
      socket.once("connect", resolve).once("error", reject);
    });
    const qmp = new Qmp(socket);
    await qmp.run("qmp_capabilities");
    return qmp;
  }

  /** Runs one command and returns its result. */
  run(execute: string, args: Readonly<Record<string, unknown>> = {}): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const answer = (reply: Reply | Error): void => {
        if (reply instanceof Error) reject(reply);
        else if (reply.error) reject(new Error(`QEMU refuses ${execute}: ${reply.error.desc}`));
        else resolve(reply.return);
      };
      this.waiting.push(answer);
      // A socket that has ended before tells nobody but the one who writes.
      this.socket.write(`${JSON.stringify({ execute, arguments: args })}\n`, (error) => {
        if (error) answer(new Error(`QEMU closed its control socket: ${error.message}`));
      });
    });
  }

  close(): void {
    this.socket.destroy();
  }
}
