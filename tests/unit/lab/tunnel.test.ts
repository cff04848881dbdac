import { mkdtemp, rm } from "node:fs/promises";
import { request, type IncomingMessage } from "node:http";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openTunnel, type Tunnel } from "../../../lab/control-plane/tunnel";

describe("the API server's way to the kubelets", () => {
  let folder: string;
  let kubelet: Server;
  let tunnel: Tunnel;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "nodeprep-tunnel-"));
    kubelet = createServer((client) => client.end("kubelet")).listen(0, "127.0.0.1");
    await new Promise((resolve) => kubelet.once("listening", resolve));
    const { port } = kubelet.address() as AddressInfo;
    tunnel = await openTunnel(join(folder, "socket"), { "node-0": port, gone: 1 });
  });
  afterAll(async () => {
    await tunnel.close();
    kubelet.close();
    await rm(folder, { recursive: true });
  });

  /** Asks as kube-apiserver does; the status, and what comes through the connection. */
  const dial = (target: string): Promise<{ status: number | undefined; text: string }> =>
    new Promise((resolve, reject) => {
      const asked = request({ socketPath: join(folder, "socket"), method: "CONNECT", path: target });
      asked
        .on("error", reject)
        .on("connect", ({ statusCode: status }: IncomingMessage, socket: Socket, head: Buffer) => {
          let text = head.toString();
          socket.on("data", (part) => (text += part.toString())).on("close", () => resolve({ status, text }));
        });
      asked.end();
    });

  test("leads a node's name to its kubelet", async () => {
    expect(await dial("node-0:10250")).toEqual({ status: 200, text: "kubelet" });
  });

  test.each(["node-1:10250", "10.0.2.15:10250", "toString:10250", "[:10250"])(
    "refuses %s",
    async (target) => {
      expect(await dial(target)).toEqual({ status: 502, text: "" });
    },
  );

  test("ends a connection whose kubelet does not listen", async () => {
    await expect(dial("gone:10250")).rejects.toThrow(/socket hang up|ECONNRESET/);
  });
});
