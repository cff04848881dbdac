import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** What the configuration may refer to outside itself, handed in so that checking it stays a plain function. */
export interface Sources {
  /** The text of a file of the operator's machine, or why it cannot be had (`does not exist`). */
  readonly readFile: (path: string) => { readonly text: string } | { readonly error: string };
  /** What `~` stands for. */
  readonly home: string;
  /** The SSH agent's socket, where one is running. */
  readonly agentSocket?: string;
  /** The time, for certificates. Default: now. */
  readonly now?: Date;
  /** What the runtime of a type is, for what must be the same on both sides. */
  readonly runtimes?: Readonly<Record<string, RuntimeFacts>>;
  /** Sysctls that the stages require in a cluster with these pod CIDRs; the configuration may not contradict them. */
  readonly requiredSysctls?: (podCidrs: readonly string[]) => Readonly<Record<string, string>>;
}

/** As much of a runtime as the configuration can contradict. */
export interface RuntimeFacts {
  /** Where the kubelet reaches it, e.g. `unix:///run/containerd/containerd.sock`. */
  readonly criSocket: (use: { readonly kubernetesVersion: string }) => string;
  /** Where it looks for CNI plugins and for their configuration. */
  readonly cniBinDir: string;
  readonly cniConfDir: string;
}

/** The operator's own files and SSH agent. */
export function operatorSources(): Sources {
  const socket = process.env["SSH_AUTH_SOCK"];
  return { readFile, home: homedir(), ...(socket ? { agentSocket: socket } : {}) };
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: "does not exist",
  ENOTDIR: "does not exist",
  EACCES: "may not be read by this account",
  EISDIR: "is a directory",
};

function readFile(path: string): { readonly text: string } | { readonly error: string } {
  try {
    return { text: readFileSync(path, "utf8") };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "unknown";
    return { error: reasons[code] ?? `cannot be read (${code})` };
  }
}

/** Replaces a leading `~/`. */
export const expandHome = (path: string, home: string): string =>
  path === "~" || path.startsWith("~/") ? join(home, path.slice(1)) : path;
