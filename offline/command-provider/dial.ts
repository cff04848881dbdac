import { connect as dialTcp } from "node:net";
import type { Duplex } from "node:stream";
import { Client } from "ssh2";
import { messageOf } from "../../survey/errors";
import { address } from "../../survey/wording";
import { credentialsOf } from "./credentials";
import type { Hop } from "./inputs";

/** A bound on one dial: it is over when the user cancels or when its time has passed. */
export interface Bound {
  readonly signal: AbortSignal;
  /** Milliseconds since the epoch; undefined where there is no limit. */
  readonly deadline: number | undefined;
}

/** Starts the clock of one dial to this hop. */
export function boundOf(hop: Hop, signal: AbortSignal): Bound {
  return { signal, deadline: hop.perDialTimeout > 0 ? Date.now() + hop.perDialTimeout * 1000 : undefined };
}

/** A TCP connection to a hop. Keep-alive packets find out when the machine is gone. */
export function tcp(hop: Hop, bound: Bound): Promise<Duplex> {
  const socket = dialTcp({
    host: hop.host,
    port: hop.port,
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: 15_000,
  });
  return bounded<Duplex>(bound, {
    start: (resolve, reject) => {
      socket.once("connect", () => resolve(socket));
      socket.on("error", (error) => reject(new Error(`dial tcp ${address(hop)}: ${tcpReason(error)}`)));
    },
    late: () => `dial tcp ${address(hop)}: i/o timeout`,
    abandon: () => socket.destroy(),
  });
}

/** A stream to a hop that another one, the proxy, forwards. */
export function forwarded(proxy: Client, hop: Hop, bound: Bound): Promise<Duplex> {
  return bounded<Duplex>(bound, {
    start: (resolve, reject) => {
      proxy.forwardOut("127.0.0.1", 0, hop.host, hop.port, (error, stream) => {
        if (error) reject(new Error(`ssh: rejected: connect failed (${reasonOf(error)})`));
        else resolve(stream);
      });
    },
    late: () => `dial tcp ${address(hop)}: i/o timeout`,
    abandon: () => undefined,
  });
}

/**
 * A machine that is gone is missed after two minutes: behind a proxy, TCP sees only that one. (Pulumi's own provider
 * waits for ever there.)
 */
const keepAlive = { keepaliveInterval: 15_000, keepaliveCountMax: 8 };

/** Speaks SSH over a stream, up to and including the login. */
export function handshake(stream: Duplex, hop: Hop, bound: Bound): Promise<Client> {
  const client = new Client();
  const attempted: string[] = [];
  return bounded<Client>(bound, {
    start: (resolve, reject) => {
      const fail = (reason: string): void => reject(new Error(`ssh: handshake failed: ${reason}`));
      // Stays for as long as the client lives: an error without a listener would end this process.
      client.on("error", (error) => fail(handshakeReason(error, attempted)));
      client.once("close", () => fail("EOF"));
      client.once("ready", () => resolve(client));
      client.connect({ sock: stream, readyTimeout: 0, ...keepAlive, ...credentialsOf(hop, attempted) });
    },
    late: () => `ssh: handshake failed: ${address(hop)} did not complete it within ${hop.perDialTimeout} s`,
    abandon: () => {
      client.destroy();
      stream.destroy();
    },
  });
}

interface Step<T> {
  readonly start: (resolve: (value: T) => void, reject: (error: Error) => void) => void;
  /** The error's text when time is up. */
  readonly late: () => string;
  readonly abandon: () => void;
}

/** Runs one step of a dial within its bound, and cleans up after it when it fails. */
async function bounded<T>({ signal, deadline }: Bound, step: Step<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const cancelled = (): Error => new Error("context canceled");
  let onAbort = (): void => undefined;
  try {
    return await new Promise<T>((resolve, reject) => {
      if (signal.aborted) throw cancelled();
      onAbort = () => reject(cancelled());
      signal.addEventListener("abort", onAbort);
      const left = deadline === undefined ? undefined : Math.max(1, deadline - Date.now());
      if (left !== undefined) timer = setTimeout(() => reject(new Error(step.late())), left);
      step.start(resolve, reject);
    });
  } catch (error) {
    step.abandon();
    throw error;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", onAbort);
  }
}

const reasons: Record<string, string> = {
  ECONNREFUSED: "connect: connection refused",
  EHOSTUNREACH: "connect: no route to host",
  ENETUNREACH: "connect: network is unreachable",
  ECONNRESET: "read: connection reset by peer",
  ENOTFOUND: "lookup: no such host",
  ETIMEDOUT: "connect: connection timed out",
};

function tcpReason(error: NodeJS.ErrnoException): string {
  return reasons[error.code ?? ""] ?? reasonOf(error);
}

/** Names that resolve to several addresses give an error with one error for each and no message of its own. */
function reasonOf(error: Error): string {
  if (error instanceof AggregateError) return error.errors.map(messageOf).join("; ");
  return error.message.replace(/^\(SSH\) Channel open failure: /, "");
}

function handshakeReason(error: Error & { level?: string }, attempted: readonly string[]): string {
  if (error.level === "client-authentication") {
    const methods = attempted.join(" ");
    return `ssh: unable to authenticate, attempted methods [${methods}], no supported methods remain`;
  }
  if (/Host denied/.test(error.message)) return "ssh: host key mismatch";
  return reasonOf(error);
}
