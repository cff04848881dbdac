import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo, type Server } from "node:net";
import { userInfo } from "node:os";
import { join } from "node:path";
import { until } from "./wait";

const SSHD = "/usr/sbin/sshd";

/** An OpenSSH server of our own, on a port of the loopback interface. */
export interface Sshd {
  readonly port: number;
  readonly user: string;
  /** Its ed25519 and RSA host keys, as in known_hosts but without the name. */
  readonly hostKeys: { readonly ed25519: string; readonly rsa: string };
  /** What it has logged so far. */
  readonly log: () => string;
  readonly stop: () => Promise<void>;
}

/** Makes a key pair in the folder; answers the path of the private key. */
export function makeKey(folder: string, name: string, type = "ed25519", passphrase = ""): string {
  const path = join(folder, name);
  execFileSync("ssh-keygen", ["-q", "-t", type, "-N", passphrase, "-C", "nodeprep test", "-f", path]);
  return path;
}

export function read(path: string): string {
  return readFileSync(path, "utf8");
}

/** What is other than usual about a server. */
export interface SshdOptions {
  /** Its port; any free one by default. */
  readonly port?: number;
  /** `MaxStartups`: logins that may be under way at a time. */
  readonly maxStartups?: number;
}

/** Starts a server that lets in the holders of these keys, given as paths of private keys. */
export async function startSshd(
  folder: string,
  keys: readonly string[],
  options: SshdOptions = {},
): Promise<Sshd> {
  mkdirSync(folder, { recursive: true });
  mkdirSync("/run/sshd", { recursive: true, mode: 0o755 }); // sshd insists on it and Debian's unit makes it
  const hostKeys = { ed25519: makeKey(folder, "host_ed25519"), rsa: makeKey(folder, "host_rsa", "rsa") };
  const authorized = join(folder, "authorized_keys");
  writeFileSync(authorized, keys.map((key) => read(`${key}.pub`)).join(""));
  const port = options.port ?? (await freePort());
  const config = join(folder, "sshd_config");
  writeFileSync(config, configuration(port, authorized, Object.values(hostKeys), folder, options));
  const child = spawn(SSHD, ["-D", "-e", "-f", config], { stdio: ["ignore", "ignore", "pipe"] });
  let log = "";
  child.stderr.on("data", (chunk: Buffer) => (log += chunk.toString()));
  const ended = new Promise<void>((resolve) => child.on("exit", () => resolve()));
  await until(`sshd to listen (${log})`, () => log.includes(`listening on 127.0.0.1 port ${port}`));
  return {
    port,
    user: userInfo().username,
    hostKeys: { ed25519: read(`${hostKeys.ed25519}.pub`), rsa: read(`${hostKeys.rsa}.pub`) },
    log: () => log,
    stop: () => {
      child.kill();
      return ended;
    },
  };
}

function configuration(
  port: number,
  authorized: string,
  hostKeys: readonly string[],
  folder: string,
  { maxStartups = 100 }: SshdOptions,
): string {
  return [
    "ListenAddress 127.0.0.1",
    `Port ${port}`,
    ...hostKeys.map((path) => `HostKey ${path}`),
    `AuthorizedKeysFile ${authorized}`,
    `PidFile ${join(folder, "pid")}`,
    "PermitRootLogin prohibit-password",
    "PasswordAuthentication no",
    "KbdInteractiveAuthentication no",
    "StrictModes no",
    "UsePAM no",
    "LogLevel VERBOSE",
    `MaxStartups ${maxStartups}`,
    "AcceptEnv NODEPREP_* PULUMI_COMMAND_STDOUT",
    "",
  ].join("\n");
}

/** A port that nobody listens on just now. */
export async function freePort(): Promise<number> {
  const { server, port } = await listener();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** A TCP server that takes connections and never says anything. */
export async function listener(): Promise<{ server: Server; port: number }> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { server, port: (server.address() as AddressInfo).port };
}
