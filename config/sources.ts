import { createHash } from "node:crypto";
import { closeSync, openSync, readFileSync, readSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { Architecture } from "./release-spec";

/** What the configuration may refer to outside itself, handed in so that checking it stays a plain function. */
export interface Sources {
  /** The text of a file of the operator's machine, or why it cannot be had (`does not exist`). */
  readonly readFile: (path: string) => { readonly text: string } | { readonly error: string };
  /** What is in a file of any size of the operator's machine, or why that cannot be had. */
  readonly lookInto: (path: string) => FileFacts | { readonly error: string };
  /** What `~` stands for. */
  readonly home: string;
  /** The SSH agent's socket, where one is running. */
  readonly agentSocket?: string;
  /** Why no agent can be behind it. */
  readonly agentFault?: string;
  /** The time, for certificates. Default: now. */
  readonly now?: Date;
  /** What the runtime of a type is, for what must be the same on both sides. */
  readonly runtimes?: Readonly<Record<string, RuntimeFacts>>;
  /** What is known against versions of runtimes' programs, by the program. */
  readonly findVersions?: (
    versions: Readonly<Record<string, string>>,
    use: { readonly kubernetesVersion: string },
  ) => readonly VersionFault[];
  /** Sysctls that the stages require in a cluster with these pod CIDRs; the configuration may not contradict them. */
  readonly requiredSysctls?: (podCidrs: readonly string[]) => Readonly<Record<string, string>>;
  /** The same of a kube-proxy that nodeprep configures. */
  readonly kubeProxySysctls?: (
    kubeProxy: { readonly mode: string; readonly extra: Readonly<Record<string, unknown>> },
    podCidrs: readonly string[],
  ) => Readonly<Record<string, string>>;
  /** Sysctls that the stages raise to a minimum, unless the configuration says a value. */
  readonly minimumSysctls?: Readonly<Record<string, string>>;
}

/** A file that is to be brought to nodes. */
export interface FileFacts {
  readonly sha256: string;
  /** What a program is for; absent where it is none for Linux, or for an architecture that is not known here. */
  readonly architecture?: Architecture;
}

/** What is known against a version of a program. */
export interface VersionFault {
  readonly program: string;
  readonly verdict: "refused" | "warned";
  /** Completes the version. */
  readonly fault: string;
  readonly remedy: string;
}

/** As much of a runtime as the configuration can contradict. */
export interface RuntimeFacts {
  /** Where the kubelet reaches it, e.g. `unix:///run/containerd/containerd.sock`. */
  readonly criSocket: (use: { readonly kubernetesVersion: string }) => string;
  /** Its own program in what `findVersions` knows. */
  readonly program: string;
  /** Where it looks for CNI plugins and for their configuration. */
  readonly cniBinDir: string;
  readonly cniConfDir: string;
}

/** The operator's own files and SSH agent. */
export function operatorSources(): Sources {
  return { readFile, lookInto, home: homedir(), ...agent() };
}

/** Where Pulumi's provider looks for an agent on Windows, whatever SSH_AUTH_SOCK says: the pipe of its service ssh-agent. */
const windowsAgent = "\\\\.\\pipe\\openssh-ssh-agent";

function agent(): Pick<Sources, "agentSocket" | "agentFault"> {
  // A named pipe is no file: whether anybody answers there, the login shows.
  if (process.platform === "win32") return { agentSocket: windowsAgent };
  const agentSocket = process.env["SSH_AUTH_SOCK"];
  if (!agentSocket) return {};
  try {
    return statSync(agentSocket).isSocket() ? { agentSocket } : { agentSocket, agentFault: "is no socket" };
  } catch (error) {
    return { agentSocket, agentFault: reasonOf(error) };
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: "does not exist",
  ENOTDIR: "does not exist",
  EACCES: "may not be read by this account",
  EISDIR: "is a directory",
};

function readFile(path: string): { readonly text: string } | { readonly error: string } {
  try {
    return { text: textOf(readFileSync(path)) };
  } catch (error) {
    return { error: reasonOf(error) };
  }
}

/** A text in UTF-8, or in UTF-16 as PowerShell's `>` writes it; without its byte order mark. */
const textOf = (bytes: Buffer): string =>
  new TextDecoder(bytes[0] === 0xff && bytes[1] === 0xfe ? "utf-16le" : "utf-8").decode(bytes);

function reasonOf(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code ?? "unknown";
  return reasons[code] ?? `cannot be read (${code})`;
}

/** Read piece by piece: programs are too large for the memory. */
function lookInto(path: string): FileFacts | { readonly error: string } {
  try {
    const file = openSync(path, "r");
    try {
      return factsOf(file);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    return { error: reasonOf(error) };
  }
}

function factsOf(file: number): FileFacts {
  const hash = createHash("sha256");
  const piece = Buffer.alloc(1024 * 1024);
  let architecture: Architecture | undefined;
  for (let read = 0, first = true; (read = readSync(file, piece)) > 0; first = false) {
    if (first) architecture = architectureOf(piece.subarray(0, read));
    hash.update(piece.subarray(0, read));
  }
  return { sha256: hash.digest("hex"), ...(architecture === undefined ? {} : { architecture }) };
}

/** Numbers of machines in the header of ELF files, elf(5). */
const machines: Readonly<Record<number, Architecture>> = {
  0x3e: "amd64",
  0xb7: "arm64",
  0x15: "ppc64le",
  0x16: "s390x",
};

/** What a program with this beginning is for. */
export function architectureOf(head: Buffer): Architecture | undefined {
  if (head.length < 20 || head.readUInt32BE(0) !== 0x7f454c46) return undefined;
  const isLittle = head[5] === 1;
  return machines[isLittle ? head.readUInt16LE(18) : head.readUInt16BE(18)];
}

/** Replaces a leading `~/`. */
export const expandHome = (path: string, home: string): string =>
  path === "~" || path.startsWith("~/") ? join(home, path.slice(1)) : path;
