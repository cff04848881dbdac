import { spawn } from "node:child_process";
import type { AddressInfo } from "node:net";
import { Server, type AuthContext, type Connection } from "ssh2";
import { read } from "./sshd";

/** An SSH server that knows one password. (OpenSSH's would need an account of the machine with that password.) */
export interface PasswordServer {
  readonly port: number;
  /** Which of the two ways to give a password it offers; at first it is `password`. */
  readonly only: (way: Way) => void;
  readonly stop: () => Promise<void>;
}

type Way = "password" | "keyboard-interactive";

export async function startPasswordServer(hostKeyFile: string, password: string): Promise<PasswordServer> {
  let way: Way = "password";
  const server = new Server({ hostKeys: [read(hostKeyFile)] }, (connection) => {
    connection.on("error", () => undefined); // clients that give up are part of the tests
    connection.on("authentication", (context) => authenticate(context, way, password));
    connection.on("ready", () => serve(connection));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  return {
    port: (server.address() as AddressInfo).port,
    only: (wanted) => (way = wanted),
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

function authenticate(context: AuthContext, way: Way, password: string): void {
  if (context.method === "password" && way === context.method) answer(context, context.password === password);
  else if (context.method === "keyboard-interactive" && way === context.method) {
    context.prompt([{ prompt: "Password: ", echo: false }], (answers) =>
      answer(context, answers[0] === password),
    );
  } else context.reject([way]);
}

function answer(context: AuthContext, right: boolean): void {
  if (right) context.accept();
  else context.reject();
}

function serve(connection: Connection): void {
  connection.on("session", (accept) => {
    accept().on("exec", (acceptCommand, _reject, { command }) => {
      const channel = acceptCommand();
      const child = spawn("sh", ["-c", command]);
      channel.pipe(child.stdin);
      child.stdout.on("data", (chunk: Buffer) => channel.write(chunk));
      child.on("close", (code) => {
        channel.exit(code ?? 1);
        channel.end();
      });
    });
  });
}
