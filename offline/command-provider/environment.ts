import type { Client } from "ssh2";
import type { EngineLog } from "./engine-log";
import { execute } from "./execute";
import type { Inputs } from "./inputs";

export interface Previous {
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * The environment of a command: what its inputs ask for, and the output of the command before it, where the server
 * takes that. SSH does not say what it took, so it is looked at: one short command more, only where there is
 * something to pass.
 *
 * @throws Error when the server does not take a variable of the inputs.
 */
export async function environmentFor(
  client: Client,
  inputs: Inputs,
  previous: Previous,
  context: { readonly signal: AbortSignal; readonly log: EngineLog; readonly urn: string },
): Promise<Record<string, string>> {
  const wanted = inputs.environment ?? {};
  const extra = inputs.addPreviousOutputInEnv === false ? {} : previousOutput(previous);
  const names = [...Object.keys(wanted), ...Object.keys(extra)];
  if (names.length === 0) return {};
  const accepted = await acceptedNames(client, names, context.signal);
  for (const name of Object.keys(wanted).filter((one) => !accepted.has(one))) {
    context.log.say("error", refusal(name), context.urn);
    throw new Error(`could not set environment variable "${name}": ssh: setenv failed`);
  }
  for (const name of Object.keys(extra).filter((one) => !accepted.has(one))) {
    context.log.say("warning", refusal(name), context.urn);
  }
  return Object.fromEntries(Object.entries({ ...extra, ...wanted }).filter(([name]) => accepted.has(name)));
}

function previousOutput({ stdout, stderr }: Previous): Record<string, string> {
  return {
    ...(stdout === "" ? {} : { PULUMI_COMMAND_STDOUT: stdout }),
    ...(stderr === "" ? {} : { PULUMI_COMMAND_STDERR: stderr }),
  };
}

async function acceptedNames(
  client: Client,
  names: readonly string[],
  signal: AbortSignal,
): Promise<Set<string>> {
  const environment = Object.fromEntries(names.map((name) => [name, "nodeprep"]));
  const probe = { command: "env", stdin: "", environment, signal, onOutput: () => undefined };
  const seen = await execute(client, probe).catch(() => ({ stdout: "" }));
  const lines = new Set(seen.stdout.split("\n"));
  return new Set(names.filter((name) => lines.has(`${name}=nodeprep`)));
}

function refusal(name: string): string {
  return (
    `Unable to set '${name}'. This only works if your SSH server is configured to accept these variables via ` +
    "AcceptEnv. Alternatively, if a Bash-like shell runs the command on the remote host, you could prefix the " +
    "command itself with the variables in the form 'VAR=value command'"
  );
}
