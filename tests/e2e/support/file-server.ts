import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** Files over HTTP, from this machine to lab machines: they know it as 10.0.2.2. */
export class FileServer {
  /** Paths that were asked for, with the byte from which on. */
  readonly asked: string[] = [];
  /** Once: hang up after so many bytes of the next answer. */
  diesAfter: number | undefined;

  private constructor(
    private readonly server: Server,
    private readonly files: Readonly<Record<string, string>>,
  ) {}

  /** Serves these files: path of the URL, without the first slash, to path on this machine. */
  static async open(files: Readonly<Record<string, string>>): Promise<FileServer> {
    const server = createServer();
    const served = new FileServer(server, files);
    server.on("request", (request, response) => {
      served.answer(request, response).catch(() => response.destroy());
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return served;
  }

  /** The address of a file, for a lab machine. */
  url(path: string): string {
    return `http://10.0.2.2:${(this.server.address() as AddressInfo).port}/${path}`;
  }

  close(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const file = this.files[(request.url ?? "").slice(1)];
    const start = Number(/bytes=(\d+)-/.exec(request.headers.range ?? "")?.[1] ?? 0);
    this.asked.push(`${request.url ?? ""} ${start}`);
    if (file === undefined) return void response.writeHead(404).end();
    const { size } = await stat(file);
    const range = `bytes ${start}-${size - 1}/${size}`;
    response.writeHead(start > 0 ? 206 : 200, {
      "content-length": size - start,
      ...(start > 0 ? { "content-range": range } : {}),
    });
    const limit = this.diesAfter;
    this.diesAfter = undefined;
    const content = createReadStream(file, {
      start,
      ...(limit === undefined ? {} : { end: start + limit - 1 }),
    });
    content.on("error", () => response.destroy());
    content.pipe(response, { end: limit === undefined });
    if (limit !== undefined) content.on("end", () => setTimeout(() => response.destroy(), 500));
  }
}
