import { spawn, type ChildProcess } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";
import { RunResponse, type RunRequest } from "@pulumi/pulumi/proto/language_pb";
import { engineAddressArgument } from "../grpc";
import { launchFor, tooLong } from "./arguments";

/** `@pulumi/pulumi/cmd/run` exits so when it has already told the user what is wrong. */
const EXIT_ALREADY_EXPLAINED = 32;

/** A program that was asked to stop gets this long (milliseconds) before it is killed. */
export const STOP_GRACE = 5_000;

/** Runs programs for the engine, each in a process of its own. */
export class ProgramRunner {
  engineAddress = engineAddressArgument();
  private readonly running = new Set<ChildProcess>();

  /** Runs one program to its end; its output goes where this process's goes, which is to the engine. */
  async run(request: RunRequest): Promise<RunResponse> {
    const directory = request.getInfo()?.getProgramDirectory() ?? request.getPwd();
    let runner: string;
    try {
      runner = createRequire(join(directory, "package.json")).resolve("@pulumi/pulumi/cmd/run");
    } catch {
      return new RunResponse().setError(
        `There is no @pulumi/pulumi below ${directory}. Install the program's packages: npm ci`,
      );
    }
    const { args, env } = launchFor(request, runner, this.engineAddress);
    const problem = tooLong(env);
    return problem === undefined
      ? response(await this.execute(args, env))
      : new RunResponse().setError(problem);
  }

  /** Asks every running program to stop, as Ctrl-C does, and kills those that do not. */
  cancel(): void {
    for (const child of this.running) {
      child.kill("SIGINT");
      setTimeout(() => child.kill("SIGKILL"), STOP_GRACE).unref();
    }
  }

  private execute(args: readonly string[], env: Readonly<Record<string, string>>): Promise<Ended> {
    return new Promise((resolve) => {
      const child = spawn("node", args, {
        env: { ...process.env, ...env },
        stdio: ["ignore", "inherit", "inherit"],
      });
      this.running.add(child);
      const end = (ended: Ended): void => {
        this.running.delete(child);
        resolve(ended);
      };
      child.on("error", (error) => end({ problem: error.message }));
      child.on("exit", (code, signal) => end({ code, signal }));
    });
  }
}

type Ended = { problem: string } | { code: number | null; signal: NodeJS.Signals | null };

function response(ended: Ended): RunResponse {
  if ("problem" in ended) return new RunResponse().setError(`Node could not be started: ${ended.problem}`);
  if (ended.code === 0) return new RunResponse();
  if (ended.code === EXIT_ALREADY_EXPLAINED) return new RunResponse().setBail(true);
  const how =
    ended.code === null ? `was ended by ${ended.signal ?? "a signal"}` : `exited with code ${ended.code}`;
  return new RunResponse().setError(`The program ${how}`);
}
