import * as grpc from "@grpc/grpc-js";
import { messageOf } from "../survey/errors";

/** Messages between the engine and its plugins have no size limit, since a state can be large, and take no proxy. */
export const UNLIMITED: grpc.ChannelOptions = {
  "grpc.max_receive_message_length": -1,
  "grpc.max_send_message_length": -1,
  // They are all on this machine.
  "grpc.enable_http_proxy": 0,
};

/** Adapts a plain function to a gRPC handler; the message of what it throws becomes the call's error. */
export function unary<Request, Response>(
  reply: (request: Request) => Response | Promise<Response>,
): grpc.handleUnaryCall<Request, Response> {
  return (call, callback) => {
    Promise.resolve()
      .then(() => reply(call.request))
      .then(
        (response) => callback(null, response),
        (error: unknown) => callback({ code: grpc.status.UNKNOWN, details: messageOf(error) }),
      );
  };
}

/** Binds the server to a free local port and tells the engine which one, on stdout, as every plugin does. */
export async function servePlugin(server: grpc.Server): Promise<void> {
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) => {
      if (error) reject(error);
      else resolve(bound);
    });
  });
  process.stdout.write(`${port}\n`);
}

/** The engine's address as older engines give it: the first argument that is not an option. */
export function engineAddressArgument(): string {
  return process.argv.slice(2).find((argument) => !argument.startsWith("-")) ?? "";
}

/** Calls `leave` once, when the engine is gone without having said so; a plugin must not outlive it. */
export function whenEngineIsGone(leave: () => void): void {
  const engine = process.ppid;
  const look = setInterval(() => {
    if (process.ppid === engine) return;
    clearInterval(look);
    leave();
  }, 2_000);
  look.unref();
}
