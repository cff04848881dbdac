import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

const registry = "127.0.0.1:5999";
const [username, password] = ["nodes", "not-to-be-seen"];

/** A registry that cannot be had, the account that its mirror wants, and what the machine has of it. */
export const closed = {
  ...{ registry, username, password },
  /** What is sent for the account. */
  sent: Buffer.from(`${username}:${password}`).toString("base64"),
  hosts: `/etc/containerd/certs.d/${registry}/hosts.toml`,
  /** A script that pulls an image that only the mirror has. */
  pull: `/root/crictl --runtime-endpoint unix:///run/containerd/containerd.sock --timeout 60s pull ${registry}/some/image:1 2>&1 || echo failed`,
};

/** What a registry has by its digest. */
interface Blob {
  readonly mediaType: string;
  readonly digest: string;
  readonly content: Buffer;
}

const blob = (mediaType: string, content: Buffer): Blob => ({
  mediaType: `application/vnd.oci.image.${mediaType}`,
  digest: `sha256:${createHash("sha256").update(content).digest("hex")}`,
  content,
});

/**
 * A registry with one image, under every name, for who knows the account (HTTP Basic): as much of OCI's distribution
 * specification as a pull needs. Lab machines know this machine as 10.0.2.2.
 */
export class ClosedRegistry {
  /** What was asked for and how it was answered: `401 /v2/…`. */
  readonly answers: string[] = [];
  private readonly manifest: Blob;
  private readonly blobs: readonly Blob[];

  private constructor(
    private readonly server: Server,
    private readonly authorization: string,
  ) {
    const layer = blob("layer.v1.tar", execFileSync("tar", ["-C", __dirname, "-cf", "-", "registry.ts"]));
    const rootfs = { type: "layers", diff_ids: [layer.digest] };
    const config = blob("config.v1+json", json({ architecture: "amd64", os: "linux", config: {}, rootfs }));
    this.blobs = [config, layer];
    const described = ({ mediaType, digest, content }: Blob) => ({ mediaType, digest, size: content.length });
    const mediaType = "application/vnd.oci.image.manifest.v1+json";
    this.manifest = blob(
      "manifest.v1+json",
      json({ schemaVersion: 2, mediaType, config: described(config), layers: [described(layer)] }),
    );
  }

  /** @param authorization the header that opens it */
  static async open(authorization: string): Promise<ClosedRegistry> {
    const server = createServer();
    const registry = new ClosedRegistry(server, authorization);
    server.on("request", (request, response) => registry.answer(request, response));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return registry;
  }

  /** Its address, for a lab machine. */
  get url(): string {
    return `http://10.0.2.2:${(this.server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    const path = (request.url ?? "").replace(/\?.*/, "");
    const known = request.headers.authorization === this.authorization;
    const found = known ? this.find(path) : undefined;
    const code = known ? (found === undefined && path !== "/v2/" ? 404 : 200) : 401;
    this.answers.push(`${code} ${path}`);
    response.writeHead(code, {
      ...(known ? {} : { "www-authenticate": 'Basic realm="mirror"' }),
      ...(found === undefined
        ? {}
        : {
            "content-type": found.mediaType,
            "content-length": found.content.length,
            "docker-content-digest": found.digest,
          }),
    });
    response.end(request.method === "HEAD" ? undefined : found?.content);
  }

  private find(path: string): Blob | undefined {
    const [, kind, name] = /\/(manifests|blobs)\/([^/]+)$/.exec(path) ?? [];
    if (kind === "blobs") return this.blobs.find(({ digest }) => digest === name);
    return kind === "manifests" ? this.manifest : undefined;
  }
}

const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
