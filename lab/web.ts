import { once } from "node:events";
import { createReadStream } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { pipeline } from "node:stream";
import { gateway } from "./control-plane";

/** A web server on this machine, outside of the cluster. */
export interface Web {
  readonly port: number;
  /** As guests reach it. */
  readonly url: string;
  close(): void;
}

/** Serves the files of these names in a folder, and says `outside` to whoever asks for anything else. */
export async function serve(folder: string, names: readonly string[]): Promise<Web> {
  const server = createServer(({ url = "" }, response) => {
    const name = names.find((one) => url === `/${one}`);
    if (name === undefined) response.end("outside\n");
    // A file that cannot be read ends its answer, and one that is hung up on its reading.
    else pipeline(createReadStream(join(folder, name)), response, () => undefined);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `http://${gateway}:${port}`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
