import type { SurveyError } from "./errors";
import type { HostKey } from "./host-key";
import type { Endpoint } from "./types";
import { dialError, greetingError, handshakeError, loginError } from "./wording";

/** How far an attempt to get into a machine has come: dialling, waiting for SSH to greet, keys, login. */
export type Phase = "dial" | "greeting" | "handshake" | "login";

/** An attempt to get into one machine, and what was seen of it so far. */
export interface Attempt {
  readonly node: string;
  readonly connection: Endpoint;
  /** Whether the machine is the one to jump through on the way to the node. */
  readonly bastion: boolean;
  readonly deadline: number;
  phase: Phase;
  /** The first bytes that the machine sent. */
  heard: string;
  /** What sshd told the user before the login, or in place of it. */
  told: string;
  /** The host key that was refused. */
  refusedKey?: HostKey;
}

/** Why an attempt ended: the time is up, the machine closed the connection, or an error of some library. */
export type Ending = "timeout" | "closed" | Error;

/** Begins an attempt, whose time runs from now. */
export function startAttempt(node: string, connection: Endpoint, bastion: boolean): Attempt {
  const deadline = Date.now() + connection.dialTimeoutSeconds * 1000;
  return { node, connection, bastion, deadline, phase: "dial", heard: "", told: "" };
}

/** Keeps what a machine says first, and notes when it turns out to be SSH. */
export function listenIn(attempt: Attempt, bytes: Buffer): void {
  if (attempt.phase !== "greeting") return;
  if (attempt.heard.length < 4096) attempt.heard += bytes.toString("latin1");
  // Lines may come before the greeting, RFC 4253 section 4.2.
  if (/^SSH-\d/m.test(attempt.heard)) attempt.phase = "handshake";
}

/** The failed attempt in words. */
export function attemptError(attempt: Attempt, ending: Ending): SurveyError {
  switch (attempt.phase) {
    case "dial":
      return dialError(attempt, ending);
    case "greeting":
      return greetingError(attempt, ending);
    case "handshake":
      return handshakeError(attempt, ending);
    case "login":
      return loginError(attempt, ending);
  }
}
