import * as grpc from "@grpc/grpc-js";
import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as messages from "@pulumi/pulumi/proto/provider_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { UNLIMITED, unary } from "../grpc";
import { differences, type Difference } from "./diff";
import type { EngineLog } from "./engine-log";
import type { Properties } from "./properties";
import type { CommandResource } from "./provider";

/** What this provider is known by to the engine. */
export interface Identity {
  readonly version: string;
  /** Told to the user once, when the provider is first configured. */
  readonly notice: string;
}

const TYPE = "command:remote:Command";

/** The ResourceProvider protocol over the one resource that this provider has. */
export function commandProvider(resource: CommandResource, log: EngineLog, identity: Identity): grpc.Server {
  const server = new grpc.Server(UNLIMITED);
  server.addService(ResourceProviderService, { ...aboutItself(resource, log, identity), ...life(resource) });
  return server;
}

function aboutItself(resource: CommandResource, log: EngineLog, { version, notice }: Identity) {
  let notices = [notice];
  return {
    handshake: unary((request: messages.ProviderHandshakeRequest) => {
      log.connect(request.getEngineAddress());
      return new messages.ProviderHandshakeResponse().setAcceptSecrets(true);
    }),
    checkConfig: unary((request: messages.CheckRequest) =>
      new messages.CheckResponse().setInputs(request.getNews()),
    ),
    diffConfig: unary(() =>
      new messages.DiffResponse().setChanges(messages.DiffResponse.DiffChanges.DIFF_NONE),
    ),
    configure: unary(async () => {
      notices.forEach((text) => log.say("info", text));
      notices = [];
      await log.flush();
      return new messages.ConfigureResponse().setAcceptsecrets(true).setSupportspreview(true);
    }),
    getPluginInfo: unary(() => new PluginInfo().setVersion(version)),
    cancel: unary(() => {
      resource.cancel();
      return new Empty();
    }),
  };
}

function life(resource: CommandResource) {
  return {
    check: unary((request: messages.CheckRequest) => {
      if (!request.getUrn().includes(`${TYPE}::`)) throw new Error(unsupported(request.getUrn()));
      const { inputs, failures } = resource.check(properties(request.getNews()));
      const response = new messages.CheckResponse().setInputs(struct(inputs));
      failures.forEach(({ property, reason }) =>
        response.addFailures(new messages.CheckFailure().setProperty(property).setReason(reason)),
      );
      return response;
    }),
    diff: unary((request: messages.DiffRequest) =>
      diffResponse(
        differences(properties(request.getOldInputs() ?? request.getOlds()), properties(request.getNews())),
      ),
    ),
    create: unary(async (request: messages.CreateRequest) => {
      const created = await resource.create(requestOf(request), properties(request.getProperties()));
      return new messages.CreateResponse().setId(created.id).setProperties(struct(created.properties));
    }),
    read: unary((request: messages.ReadRequest) =>
      new messages.ReadResponse()
        .setId(request.getId())
        .setProperties(request.getProperties())
        .setInputs(request.getInputs()),
    ),
    update: unary(async (request: messages.UpdateRequest) => {
      const news = properties(request.getNews());
      const updated = await resource.update(requestOf(request), properties(request.getOlds()), news);
      return new messages.UpdateResponse().setProperties(struct(updated));
    }),
    delete: unary(async (request: messages.DeleteRequest) => {
      await resource.delete({ urn: request.getUrn(), preview: false }, properties(request.getProperties()));
      return new Empty();
    }),
  };
}

function requestOf(request: messages.CreateRequest | messages.UpdateRequest) {
  return { urn: request.getUrn(), preview: request.getPreview() };
}

function unsupported(urn: string): string {
  return (
    `${urn}: nodeprep's own command provider has ${TYPE} alone. ` +
    "For other resources install Pulumi's: pulumi plugin install resource command"
  );
}

function properties(message: Struct | undefined): Properties {
  return message?.toJavaScript() ?? {};
}

function struct(values: Properties): Struct {
  return Struct.fromJavaScript(values);
}

const { Kind } = messages.PropertyDiff;
const kinds = {
  add: { updates: Kind.ADD, replaces: Kind.ADD_REPLACE },
  delete: { updates: Kind.DELETE, replaces: Kind.DELETE_REPLACE },
  update: { updates: Kind.UPDATE, replaces: Kind.UPDATE_REPLACE },
};

function diffResponse(found: readonly Difference[]): messages.DiffResponse {
  const { DIFF_NONE, DIFF_SOME } = messages.DiffResponse.DiffChanges;
  const top = ({ path }: Difference): string => path.replace(/[.[].*$/s, "");
  const response = new messages.DiffResponse()
    .setChanges(found.length > 0 ? DIFF_SOME : DIFF_NONE)
    .setDiffsList([...new Set(found.map(top))])
    .setReplacesList([...new Set(found.filter(({ replaces }) => replaces).map(top))])
    .setHasdetaileddiff(true);
  for (const one of found) {
    const kind = kinds[one.kind][one.replaces ? "replaces" : "updates"];
    const detail = new messages.PropertyDiff().setKind(kind).setInputdiff(true);
    response.getDetaileddiffMap().set(one.path, detail);
  }
  return response;
}
