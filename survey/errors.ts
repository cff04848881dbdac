/**
 * Why a node could not be surveyed:
 * `unknown-host` the name does not resolve; `refused` nothing listens; `timeout` no answer in time; `unreachable`
 * the network says there is no way; `no-ssh` something listens, but does not speak SSH; `dropped` the connection
 * ended early; `host-key` the host key that is expected cannot be read; `host-key-mismatch` another host key; `auth`
 * login refused, or a password that must be changed first; `sudo` no root without a password; `protocol` an answer
 * that cannot be read, or another unexpected end; `unsupported` an operating system nodeprep does not prepare; `push` a
 * file of the operator's machine did not get there; `owner` another stack's node; `plan` its stages cannot be planned;
 * `clone` another node has its identity.
 */
export type SurveyReason =
  | "unknown-host"
  | "refused"
  | "timeout"
  | "unreachable"
  | "no-ssh"
  | "dropped"
  | "host-key"
  | "host-key-mismatch"
  | "auth"
  | "sudo"
  | "protocol"
  | "unsupported"
  | "push"
  | "owner"
  | "plan"
  | "clone";

/** A node's own failure: `message` says what was seen and where, `remedy` what to do. Neither holds a secret. */
export class SurveyError extends Error {
  readonly node: string;
  readonly reason: SurveyReason;
  readonly remedy: string;

  constructor(node: string, reason: SurveyReason, message: string, remedy: string) {
    super(message);
    this.name = "SurveyError";
    this.node = node;
    this.reason = reason;
    this.remedy = remedy;
  }
}

/** The text of whatever was thrown. */
export const messageOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));
