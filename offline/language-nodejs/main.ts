/**
 * A language host for Node programs: the part of Pulumi that the engine asks to run `index.ts`.
 *
 * Pulumi's own host comes with its installer, which networks that reach only package registries never see.
 * This one serves what `pulumi preview`, `up`, `refresh` and `destroy` ask of it and starts the program in the
 * same way, through `@pulumi/pulumi/cmd/run`. A program cannot tell the two apart.
 *
 * Started by the engine as `pulumi-language-nodejs [-tracing=…] ENGINE_ADDRESS`; prints its port on stdout.
 */
import { messageOf } from "../../survey/errors";
import { servePlugin, whenEngineIsGone } from "../grpc";
import { ProgramRunner, STOP_GRACE } from "./run";
import { languageHost } from "./server";

const runner = new ProgramRunner();
whenEngineIsGone(() => {
  runner.cancel();
  // Not before the programs that do not stop are killed.
  setTimeout(() => process.exit(1), STOP_GRACE + 500);
});
servePlugin(languageHost(runner)).catch((error: unknown) => {
  console.error(`The language host cannot listen on a local port: ${messageOf(error)}`);
  process.exit(1);
});
