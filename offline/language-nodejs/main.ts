/**
 * A language host for Node programs: the part of Pulumi that the engine asks to run `index.ts`.
 *
 * Pulumi's own host comes with its installer, which networks that reach only package registries never see.
 * This one serves what `pulumi preview`, `up`, `refresh` and `destroy` ask of it and starts the program in the
 * same way, through `@pulumi/pulumi/cmd/run`. A program cannot tell the two apart.
 *
 * Started by the engine as `pulumi-language-nodejs [-tracing=…] ENGINE_ADDRESS`; prints its port on stdout.
 */
import { serveLanguageHost } from "./server";

async function main(): Promise<void> {
  const port = await serveLanguageHost();
  process.stdout.write(`${port}\n`);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exit(1);
});
