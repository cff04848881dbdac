import * as grpc from "@grpc/grpc-js";
import * as language from "@pulumi/pulumi/proto/language_pb";
import { LanguageRuntimeService } from "@pulumi/pulumi/proto/language_grpc_pb";
import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { version } from "@pulumi/pulumi/version";
import { about } from "./about";
import { ProgramRunner } from "./run";

type Reply<Request, Response> = (request: Request) => Response | Promise<Response>;

/**
 * Serves the LanguageRuntime protocol on a free local port and returns that port. Calls that only other
 * commands than preview, up, refresh and destroy make (`pulumi new`, `pulumi convert`) are left unimplemented,
 * which gRPC reports to the engine by itself.
 */
export function serveLanguageHost(): Promise<number> {
  const runner = new ProgramRunner();
  const server = new grpc.Server({
    "grpc.max_receive_message_length": -1,
    "grpc.max_send_message_length": -1,
  });
  server.addService(LanguageRuntimeService, {
    handshake: unary((request: language.LanguageHandshakeRequest) => {
      runner.engineAddress = request.getEngineAddress();
      return new language.LanguageHandshakeResponse();
    }),
    getPluginInfo: unary(() => new PluginInfo().setVersion(version)),
    // None in advance: the engine asks for each provider by name as the program uses it, which never downloads.
    getRequiredPackages: unary(() => new language.GetRequiredPackagesResponse()),
    getRequiredPlugins: unary(() => new language.GetRequiredPluginsResponse()),
    about: unary(() => about()),
    run: unary((request: language.RunRequest) => runner.run(request)),
    cancel: unary(() => {
      runner.cancel();
      return new Empty();
    }),
  });
  return listen(server);
}

/** Adapts a plain function to a gRPC handler; what it throws becomes the call's error. */
function unary<Request, Response>(reply: Reply<Request, Response>): grpc.handleUnaryCall<Request, Response> {
  return (call, callback) => {
    Promise.resolve()
      .then(() => reply(call.request))
      .then(
        (response) => callback(null, response),
        (error: unknown) => callback({ code: grpc.status.UNKNOWN, details: String(error) }),
      );
  };
}

function listen(server: grpc.Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
      if (error) reject(new Error(`The language host cannot listen on a local port: ${error.message}`));
      else resolve(port);
    });
  });
}
