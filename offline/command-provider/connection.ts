import type { Duplex } from "node:stream";
import type { Client } from "ssh2";
import { setTimeout as wait } from "node:timers/promises";
import { messageOf } from "../../survey/errors";
import { boundOf, forwarded, handshake, tcp, type Bound } from "./dial";
import { credentialsOf } from "./credentials";
import type { Connection, Hop } from "./inputs";

/** An open connection; `close` also closes the one to the proxy. */
export interface Open {
  readonly client: Client;
  readonly close: () => void;
}

/** Where a connection reports that it tries again, and what cancels it. */
export interface Dialling {
  readonly signal: AbortSignal;
  readonly status: (message: string) => void;
}

/**
 * Logs in, through the proxy where there is one, trying again until `dialErrorLimit` dials have failed.
 *
 * @throws Error `after N failed attempts: REASON`, preceded by `proxy: ` on the way through one.
 */
export async function open(connection: Connection, dialling: Dialling): Promise<Open> {
  credentialsOf(connection, []); // a key that cannot be read is not worth a single dial
  const { proxy } = connection;
  if (proxy) return throughProxy(connection, proxy, dialling);
  const client = await logIn("Dial", connection, dialling, (bound) => tcp(connection, bound));
  return { client, close: () => hangUp(client) };
}

async function throughProxy(connection: Connection, proxy: Hop, dialling: Dialling): Promise<Open> {
  try {
    credentialsOf(proxy, []);
    const first = await logIn("Dial proxy", proxy, dialling, (bound) => tcp(proxy, bound));
    try {
      const client = await logIn("Dial from proxy", connection, dialling, (bound) =>
        forwarded(first, connection, bound),
      );
      return { client, close: () => [client, first].forEach(hangUp) };
    } catch (error) {
      hangUp(first);
      throw error;
    }
  } catch (error) {
    throw new Error(`proxy: ${messageOf(error)}`);
  }
}

const FIRST_PAUSE = 100;
const LONGEST_PAUSE = 5_000;

/** Dials and logs in, again and again as far as the hop allows. */
async function logIn(
  what: string,
  hop: Hop,
  { signal, status }: Dialling,
  dial: (bound: Bound) => Promise<Duplex>,
): Promise<Client> {
  const limit = hop.dialErrorLimit;
  for (let failed = 1, pause = FIRST_PAUSE; ; failed += 1, pause = Math.min(pause * 1.5, LONGEST_PAUSE)) {
    try {
      const bound = boundOf(hop, signal);
      return await handshake(await dial(bound), hop, bound);
    } catch (error) {
      if (signal.aborted) throw error;
      if (limit > -1 && failed > limit)
        throw new Error(`after ${limit} failed attempts: ${messageOf(error)}`);
      status(`${what} ${failed}/${limit === -1 ? "inf" : limit} failed: retrying`);
      await wait(pause, undefined, { signal }).catch(() => {
        throw new Error("context canceled");
      });
    }
  }
}

/** Takes leave of the server, and does not wait long for it to do the same. */
function hangUp(client: Client): void {
  const timer = setTimeout(() => client.destroy(), 2_000).unref();
  client.once("close", () => clearTimeout(timer));
  client.end();
}
