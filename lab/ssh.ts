import { spawn } from "node:child_process";
import { run, type RunResult } from "../offline/process";

/** Where and how to log in with plain `ssh`. */
export interface SshTarget {
  readonly port: number;
  readonly user: string;
  readonly privateKeyFile: string;
  readonly knownHostsFile: string;
  /** Name under which the host key is known. */
  readonly alias: string;
  /** Socket of a connection that several commands share; none: every command has its own. */
  readonly control?: string;
}

/** Options and destination of `ssh`, without a command. Nothing of the user's own configuration takes part. */
export function sshArguments(target: SshTarget): string[] {
  const options = [
    "BatchMode=yes",
    "IdentitiesOnly=yes",
    "StrictHostKeyChecking=yes",
    "LogLevel=ERROR",
    "ConnectTimeout=20",
    "ServerAliveInterval=15",
    "ServerAliveCountMax=8",
    `UserKnownHostsFile=${target.knownHostsFile}`,
    `HostKeyAlias=${target.alias}`,
    ...(target.control ? [`ControlPath=${target.control}`] : []),
  ];
  const login = ["-i", target.privateKeyFile, "-p", String(target.port)];
  return ["-F", "none", ...options.flatMap((option) => ["-o", option]), ...login, `${target.user}@127.0.0.1`];
}

/** Runs `command` in the account's shell, or the script on stdin with `sh` when there is `input` alone. */
export function ssh(
  target: SshTarget,
  command: string,
  options: { readonly input?: string; readonly timeout?: number } = {},
): Promise<RunResult> {
  return run("ssh", [...sshArguments(target), "--", command], options);
}

/** Opens the connection that later commands share. Failing is no fault: every command then has its own. */
export function shareConnection(target: SshTarget): Promise<void> {
  if (!target.control) return Promise.resolve();
  const args = ["-o", "ControlMaster=yes", "-N", "-f", ...sshArguments(target)];
  return ended(args);
}

/** Closes the shared connection, whose machine may be gone already. */
export function closeConnection(target: SshTarget): Promise<void> {
  return target.control ? ended(["-O", "exit", ...sshArguments(target)]) : Promise.resolve();
}

/** Runs ssh without pipes: a connection that goes to the background would keep them open. */
function ended(args: readonly string[]): Promise<void> {
  const child = spawn("ssh", args, { stdio: "ignore" });
  return new Promise((resolve) => {
    child.on("error", () => resolve()).on("exit", () => resolve());
  });
}
