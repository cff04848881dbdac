import { StringDecoder } from "node:string_decoder";
import { open } from "./connection";
import type { EngineLog } from "./engine-log";
import { environmentFor, type Previous } from "./environment";
import { execute, type Outcome } from "./execute";
import type { Inputs } from "./inputs";

export interface CommandContext {
  readonly urn: string;
  readonly log: EngineLog;
  readonly signal: AbortSignal;
}

/** Runs one command of a resource over a connection of its own, its output shown as it comes. */
export async function runCommand(
  command: string,
  inputs: Inputs,
  previous: Previous,
  context: CommandContext,
): Promise<Outcome> {
  const { urn, log, signal } = context;
  const status = (message: string): void => log.status(message, urn);
  const connection = await open(inputs.connection, { signal, status });
  const lines = lineWise(status);
  try {
    const environment = await environmentFor(connection.client, inputs, previous, context);
    return await execute(connection.client, {
      command,
      stdin: inputs.stdin ?? "",
      environment,
      signal,
      onOutput: (stream, chunk) => {
        if (isLogged(inputs.logging, stream)) lines.add(chunk);
      },
    });
  } finally {
    lines.end();
    connection.close();
    await log.flush();
  }
}

function isLogged(logging: Inputs["logging"], stream: "stdout" | "stderr"): boolean {
  return logging === undefined || logging === "stdoutAndStderr" || logging === stream;
}

/** Cuts what comes in pieces into lines. */
function lineWise(take: (line: string) => void): { add: (chunk: Buffer) => void; end: () => void } {
  const decoder = new StringDecoder("utf8");
  let rest = "";
  return {
    add: (chunk) => {
      const lines = (rest + decoder.write(chunk)).split("\n");
      rest = lines.pop() ?? "";
      lines.forEach((line) => take(line.replace(/\r$/, "")));
    },
    end: () => {
      if (rest !== "") take(rest);
    },
  };
}
