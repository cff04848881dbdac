import { createServer } from "node:http";
import { connect } from "node:net";
import type { Duplex } from "node:stream";

/** Closes the way to the nodes. */
export interface Tunnel {
  close(): Promise<void>;
}

/** A node's name in capitals or not, and the port of 127.0.0.1 that leads to its kubelet. */
export type Kubelets = Readonly<Record<string, number>>;

/**
 * The API server's way to the kubelets, which sit behind QEMU's user network, where an API server cannot dial: an HTTP
 * proxy (CONNECT) on a Unix socket, which its egress selector uses, as Konnectivity is used where nodes are far away.
 * It leads each node's name to the port that is forwarded to that node's kubelet, and nowhere else.
 */
export async function openTunnel(socket: string, kubelets: Kubelets): Promise<Tunnel> {
  const open = new Set<Duplex>();
  const server = createServer((_request, response) => response.writeHead(405).end());
  server.on("connect", (request, client: Duplex) => {
    const target = `tcp://${request.url ?? ""}`;
    const hostname = URL.canParse(target) ? new URL(target).hostname : "";
    const port = Object.hasOwn(kubelets, hostname) ? kubelets[hostname] : undefined;
    client.on("error", () => undefined);
    if (port === undefined) client.end("HTTP/1.1 502 No Such Node\r\n\r\n");
    else join(client, port, open);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(socket, resolve);
  });
  return {
    close: () => {
      for (const one of open) one.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function join(client: Duplex, port: number, open: Set<Duplex>): void {
  const kubelet = connect(port, "127.0.0.1");
  const both = [client, kubelet];
  for (const one of both) {
    open.add(one);
    one.on("error", () => undefined); // its end closes the other one, below
    one.on("close", () => {
      open.delete(one);
      for (const each of both) each.end(); // what is on its way to it still arrives
    });
  }
  kubelet.once("connect", () => {
    client.write("HTTP/1.1 200 Connection Established\r\n\r\n");
    client.pipe(kubelet).pipe(client);
  });
}
