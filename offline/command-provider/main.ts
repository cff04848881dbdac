/**
 * A provider for `command:remote:Command`, for networks that Pulumi's own plugin does not reach.
 *
 * It does what Pulumi's provider of the same version does, and differs where that one is at fault: the connection is
 * closed when the command has ended, the handshake has a time-out (`perDialTimeout` bounds the dial as a whole), and
 * cancelling an update ends the command on the remote machine.
 *
 * Started by the engine as `pulumi-resource-command`; prints its port on stdout.
 */
import { messageOf } from "../../survey/errors";
import { commandVersion } from "../environment";
import { engineAddressArgument, servePlugin, whenEngineIsGone } from "../grpc";
import { EngineLog } from "./engine-log";
import { CommandResource } from "./provider";
import { commandProvider } from "./server";

async function main(): Promise<void> {
  const version = await commandVersion();
  const log = new EngineLog();
  log.connect(engineAddressArgument());
  const resource = new CommandResource(log);
  const notice =
    "Commands run through nodeprep's own provider (offline/command-provider), " +
    `because Pulumi's plugin "command" ${version} is not installed.`;
  whenEngineIsGone(() => {
    resource.cancel();
    setTimeout(() => process.exit(1), 5_000);
  });
  await servePlugin(commandProvider(resource, log, { version, notice }));
}

main().catch((error: unknown) => {
  console.error(`The command provider cannot start: ${messageOf(error)}`);
  process.exit(1);
});
