import * as grpc from "@grpc/grpc-js";
import { EngineClient } from "@pulumi/pulumi/proto/engine_grpc_pb";
import { LogRequest, LogSeverity } from "@pulumi/pulumi/proto/engine_pb";
import { UNLIMITED } from "../grpc";

export type Severity = "info" | "warning" | "error";

const severities: Record<Severity, LogSeverity> = {
  info: LogSeverity.INFO,
  warning: LogSeverity.WARNING,
  error: LogSeverity.ERROR,
};

/** Sends messages to the engine, which shows them beside the resource that they are about. */
export class EngineLog {
  private client: EngineClient | undefined;
  private readonly pending = new Set<Promise<void>>();

  connect(address: string): void {
    if (address === "") return;
    this.client = new EngineClient(address, grpc.credentials.createInsecure(), UNLIMITED);
  }

  /** Shown for good, below the resource of this URN or, without one, below the stack. */
  say(severity: Severity, message: string, urn = ""): void {
    this.send(new LogRequest().setSeverity(severities[severity]).setMessage(message).setUrn(urn));
  }

  /** Shown while the resource is being worked on. */
  status(message: string, urn: string): void {
    this.send(
      new LogRequest().setSeverity(LogSeverity.INFO).setMessage(message).setUrn(urn).setEphemeral(true),
    );
  }

  /** Waits until the engine has everything that was said so far. */
  async flush(): Promise<void> {
    await Promise.all(this.pending);
  }

  private send(request: LogRequest): void {
    const { client } = this;
    if (!client) return;
    // An engine that does not take a message any more is going away; there is nobody else to tell.
    const sent = new Promise<void>((resolve) => client.log(request, () => resolve()));
    this.pending.add(sent);
    void sent.finally(() => this.pending.delete(sent));
  }
}
