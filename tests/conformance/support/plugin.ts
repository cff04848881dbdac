import { spawn, type ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import * as grpc from "@grpc/grpc-js";
import { EngineService } from "@pulumi/pulumi/proto/engine_grpc_pb";
import { LogSeverity, type LogRequest } from "@pulumi/pulumi/proto/engine_pb";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as messages from "@pulumi/pulumi/proto/provider_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import type { Properties } from "../../../offline/command-provider/properties";

const URN = "urn:pulumi:test::test::command:remote:Command::probe";

export interface Logged {
  readonly severity: "debug" | "info" | "warning" | "error";
  readonly message: string;
  readonly urn: string;
  /** Shown only while the resource is being worked on. */
  readonly ephemeral: boolean;
}

/** A provider plugin in a process of its own, spoken to as the engine speaks to it. */
export class Plugin {
  private constructor(
    /** What the provider told the engine. */
    readonly logged: readonly Logged[],
    private readonly child: ChildProcess,
    private readonly engine: grpc.Server,
    private readonly client: ResourceProviderClient,
  ) {}

  static async start(executable: string): Promise<Plugin> {
    const logged: Logged[] = [];
    const { engine, address } = await startEngine(logged);
    const { SSH_AUTH_SOCK: _agent, ...env } = process.env;
    const child = spawn(executable, [address], { env, stdio: ["ignore", "pipe", "inherit"] });
    const port = await firstLine(child);
    const client = new ResourceProviderClient(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
    const plugin = new Plugin(logged, child, engine, client);
    await plugin.configure(address);
    return plugin;
  }

  private async configure(address: string): Promise<void> {
    const hello = new messages.ProviderHandshakeRequest().setEngineAddress(address);
    await call<messages.ProviderHandshakeResponse>((done) => this.client.handshake(hello, done));
    const request = new messages.ConfigureRequest()
      .setAcceptsecrets(true)
      .setSendsOldInputs(true)
      .setArgs(new Struct());
    await call<messages.ConfigureResponse>((done) => this.client.configure(request, done));
  }

  async check(
    news: Properties,
  ): Promise<{ inputs: Properties; failures: { property: string; reason: string }[] }> {
    const request = new messages.CheckRequest().setUrn(URN).setNews(Struct.fromJavaScript(news));
    const response = await call<messages.CheckResponse>((done) => this.client.check(request, done));
    return {
      inputs: plain(response.getInputs()),
      failures: response.getFailuresList().map((one) => one.toObject()),
    };
  }

  async diff(olds: Properties, news: Properties): Promise<{ paths: string[]; replaces: boolean }> {
    const request = new messages.DiffRequest()
      .setId("probe")
      .setUrn(URN)
      .setOlds(Struct.fromJavaScript(olds))
      .setOldInputs(Struct.fromJavaScript(olds))
      .setNews(Struct.fromJavaScript(news));
    const response = await call<messages.DiffResponse>((done) => this.client.diff(request, done));
    return {
      paths: [...response.getDetaileddiffMap().keys()].sort(),
      replaces: response.getReplacesList().length > 0,
    };
  }

  async create(inputs: Properties, preview = false): Promise<{ id: string; properties: Properties }> {
    const { inputs: checked } = await this.check(inputs);
    const request = new messages.CreateRequest()
      .setUrn(URN)
      .setName("probe")
      .setType("command:remote:Command")
      .setProperties(Struct.fromJavaScript(checked))
      .setPreview(preview);
    const response = await call<messages.CreateResponse>((done) => this.client.create(request, done));
    return { id: response.getId(), properties: plain(response.getProperties()) };
  }

  async update(olds: Properties, inputs: Properties, preview = false): Promise<Properties> {
    const { inputs: checked } = await this.check(inputs);
    const request = new messages.UpdateRequest()
      .setId("probe")
      .setUrn(URN)
      .setOlds(Struct.fromJavaScript(olds))
      .setOldInputs(Struct.fromJavaScript(olds))
      .setNews(Struct.fromJavaScript(checked))
      .setPreview(preview);
    const response = await call<messages.UpdateResponse>((done) => this.client.update(request, done));
    return plain(response.getProperties());
  }

  async delete(properties: Properties): Promise<void> {
    const request = new messages.DeleteRequest()
      .setId("probe")
      .setUrn(URN)
      .setProperties(Struct.fromJavaScript(properties));
    await call<Empty>((done) => this.client.delete(request, done));
  }

  async cancel(): Promise<void> {
    await call<Empty>((done) => this.client.cancel(new Empty(), done));
  }

  /** The lines that were shown of a command's output. */
  shown(): string[] {
    return this.logged.filter(({ ephemeral }) => ephemeral).map(({ message }) => message);
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.child.on("exit", resolve));
    this.client.close();
    this.child.kill();
    this.engine.forceShutdown();
    await ended;
  }
}

async function startEngine(logged: Logged[]): Promise<{ engine: grpc.Server; address: string }> {
  const names = new Map<LogSeverity, Logged["severity"]>([
    [LogSeverity.DEBUG, "debug"],
    [LogSeverity.INFO, "info"],
    [LogSeverity.WARNING, "warning"],
    [LogSeverity.ERROR, "error"],
  ]);
  const engine = new grpc.Server();
  engine.addService(EngineService, {
    log: (request: grpc.ServerUnaryCall<LogRequest, Empty>, reply: grpc.sendUnaryData<Empty>) => {
      const { severity, message, urn, ephemeral } = request.request.toObject();
      logged.push({ severity: names.get(severity) ?? "debug", message, urn, ephemeral });
      reply(null, new Empty());
    },
  });
  const port = await new Promise<number>((resolve, reject) => {
    engine.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) => {
      if (error) reject(error);
      else resolve(bound);
    });
  });
  return { engine, address: `127.0.0.1:${port}` };
}

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    child.once("exit", (code) =>
      reject(new Error(`the plugin ended with ${code ?? "a signal"} before it listened`)),
    );
    if (child.stdout) createInterface(child.stdout).once("line", resolve);
  });
}

/** A gRPC call as a promise that fails with the message the provider gave. */
function call<Response>(
  start: (done: (error: grpc.ServiceError | null, response: Response) => void) => unknown,
): Promise<Response> {
  return new Promise((resolve, reject) => {
    start((error, response) => {
      if (error) reject(new Error(error.details));
      else resolve(response);
    });
  });
}

function plain(struct: Struct | undefined): Properties {
  return struct?.toJavaScript() ?? {};
}
