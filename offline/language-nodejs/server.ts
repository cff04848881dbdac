import * as grpc from "@grpc/grpc-js";
import * as language from "@pulumi/pulumi/proto/language_pb";
import { LanguageRuntimeService } from "@pulumi/pulumi/proto/language_grpc_pb";
import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import { version } from "@pulumi/pulumi/version";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { UNLIMITED, unary } from "../grpc";
import { about } from "./about";
import type { ProgramRunner } from "./run";

/**
 * The LanguageRuntime protocol over this runner. Calls that only other commands than preview, up, refresh and
 * destroy make (`pulumi new`, `pulumi convert`) are left out, which gRPC reports to the engine by itself.
 */
export function languageHost(runner: ProgramRunner): grpc.Server {
  const server = new grpc.Server(UNLIMITED);
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
  return server;
}
