import { type ChildProcess, execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Requirement } from "../../plan/requirement";
import { Sandbox, type Shell } from "./sandbox";

const port = 8099;

/** Where the server has a file, with one of the faults of download-server.js. */
export const at = (fault: string, file: string): string => `http://127.0.0.1:${port}/${fault}/${file}`;

export const sha256 = (content: Buffer): string => createHash("sha256").update(content).digest("hex");

/** What the server serves: two programs, and archives of which the second lacks a file and has another. */
const folder = mkdtempSync(join(tmpdir(), "nodeprep-download-"));

export const served = (name: string): Buffer => readFileSync(join(folder, name));

/** A source as a requirement states it. */
export const source = (name: string, fault = "ok"): { url: string; sha256: string } => ({
  url: at(fault, name),
  sha256: sha256(served(name)),
});

export function makeServed(): void {
  const program = (seed: number) => Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * seed) % 251));
  writeFileSync(join(folder, "app"), program(7));
  writeFileSync(join(folder, "app2"), program(11));
  writeFileSync(join(folder, "says"), "#!/bin/sh\necho Kubernetes v1.34.3\n");
  const free = { "bin/deep/x": "x\n", LICENSE: "free\n" };
  pack("v1.tar.gz", { "bin/tool": "tool 1\n", "bin/old": "old 1\n", ...free });
  pack("v2.tar.gz", { "bin/tool": "tool 2\n", "bin/new": "new 2\n", ...free });
  pack("link.tar.gz", { "bin/tool": "tool\n" }, "ln -s /etc/passwd bin/link");
}

export const removeServed = (): void => rmSync(folder, { recursive: true });

function pack(name: string, files: Readonly<Record<string, string>>, besides = ":"): void {
  const root = mkdtempSync(join(folder, "root-"));
  mkdirSync(join(root, "bin/deep"), { recursive: true });
  for (const [path, text] of Object.entries(files))
    writeFileSync(join(root, path), text, { mode: path.startsWith("bin") ? 0o775 : 0o600 });
  execFileSync("sh", ["-c", `cd "$1" && ${besides} && tar -czf "$2" .`, "sh", root, join(folder, name)]);
}

/** A sandbox with that server in its network. */
export class DownloadWorld {
  private requests = "";

  private constructor(
    readonly sandbox: Sandbox,
    private readonly server: ChildProcess,
    private readonly shell: Shell,
  ) {}

  static async open(shell: Shell): Promise<DownloadWorld> {
    const sandbox = await Sandbox.open();
    // No pauses between two tries.
    await sandbox.sh("sed -i 's/^  sleep 2$/  :/' /run/toolkit-under-test.sh");
    const script = join(__dirname, "download-server.js");
    const server = sandbox.neighbour([process.execPath, script, folder, String(port)]);
    const world = new DownloadWorld(sandbox, server, shell);
    if (server.stdout === null) throw new Error("the server has no stdout");
    server.stdout.setEncoding("utf8").on("data", (text: string) => (world.requests += text));
    await once(server.stdout, "data");
    return world;
  }

  async close(): Promise<void> {
    this.server.kill();
    await this.sandbox.close();
  }

  /** The requests so far: path and range. */
  asked(): string[] {
    return this.requests.split("\n").filter((line) => line.startsWith("/"));
  }

  async phrases(requirement: Requirement): Promise<string[]> {
    const seen = await this.sandbox.observe(this.shell, [requirement]);
    return seen.map(({ state, phrase }) => `${state} ${phrase}`);
  }

  /** Applies it, which must work; what it said. */
  async applied(requirement: Requirement): Promise<string> {
    const { code, stderr } = await this.sandbox.apply(this.shell, [requirement]);
    const errors = stderr.match(/^nodeprep: error.*/gm);
    if (code !== 0 || errors) throw new Error(`apply ended with ${String(code)}: ${stderr}`);
    const left = await this.phrases(requirement);
    if (left.length > 0) throw new Error(`it does not hold: ${left.join("; ")}`);
    return stderr;
  }

  /** Applies it, which must fail; what it said. */
  async failed(requirement: Requirement): Promise<string> {
    const { code, stderr } = await this.sandbox.apply(this.shell, [requirement]);
    if (code !== 1) throw new Error(`apply ended with ${String(code)}, it should have failed: ${stderr}`);
    return stderr;
  }

  async undone(): Promise<string> {
    const { code, stderr } = await this.sandbox.undo(this.shell);
    if (code !== 0) throw new Error(`undo ended with ${String(code)}: ${stderr}`);
    return stderr;
  }

  /** Everything below /opt/nodeprep-test. */
  look(): Promise<string> {
    return this.sandbox.sh(
      `cd /opt; find nodeprep-test -printf '%p %y %m %u:%g %l\\n' 2>/dev/null | sort
       find nodeprep-test -type f -exec sha256sum {} + 2>/dev/null | sort`,
    );
  }

  async remove(command: string): Promise<void> {
    await this.sandbox.sh(
      `for d in /usr/local/sbin /usr/local/bin /usr/sbin /usr/bin; do rm -f "$d/${command}"; done`,
    );
  }
}
