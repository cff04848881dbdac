/**
 * A requirement is one statement that must hold on a node. It is plain data: the node's toolkit knows how to
 * observe, apply and undo its kind; this side only states it.
 */
export interface Requirement {
  /** Kind, the name of the toolkit file that serves it: `toolkit/kinds/<kind>.sh`. */
  readonly kind: string;
  /** Unique for its kind on a node: two stages may state the same requirement, never two values of it. */
  readonly key: string;
  /** What must hold, on one line, in the words of its kind. */
  readonly value: string;
  /** Free text that belongs to the value (a file's content, keys), without the final newline. */
  readonly body?: string;
  /** A file of the operator's machine that applying needs on the node. An update's survey brings it; no part of the text. */
  readonly localFile?: string;
  /** Of a package: the transaction of an earlier stage may bring it already. No part of the text. */
  readonly early?: true;
}

/** A named, ordered list of requirements of one node. */
export interface Stage {
  readonly name: string;
  readonly requirements: readonly Requirement[];
}

/** The name of a requirement in markers, messages and records: `sysctl:net.ipv4.ip_forward`. */
export const requirementName = (r: Requirement): string => `${r.kind}:${encodeKey(r.key)}`;

const plainKey = /[A-Za-z0-9_.:@/+=,*-]/;

/** Encodes a key for the wire: every byte outside a whitelist becomes `%XX`, so a key is always one word. */
export function encodeKey(key: string): string {
  return [...Buffer.from(key, "utf8")]
    .map((byte) => {
      const char = String.fromCharCode(byte);
      return plainKey.test(char) ? char : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
    })
    .join("");
}

/**
 * The text of requirements as it travels to the node and shows in a preview's diff: a header line each
 * (`kind key value`), followed by the lines of its body, each after the three characters `␠␠|`.
 */
export function encodeRequirements(requirements: readonly Requirement[]): string {
  return requirements.map((r) => encodeRequirement(r)).join("");
}

function encodeRequirement(r: Requirement): string {
  if (!/^[a-z_]+$/.test(r.kind)) throw new Error(`requirement kind ${JSON.stringify(r.kind)} is not a name`);
  for (const [part, text] of Object.entries({ value: r.value, body: r.body ?? "" })) {
    if (text.includes("\0") || (part === "value" && /[\n\r]/.test(text)))
      throw new Error(`${requirementName(r)}: its ${part} holds a character that cannot be sent`);
  }
  const body =
    r.body === undefined
      ? ""
      : r.body
          .split("\n")
          .map((line) => `  |${line}\n`)
          .join("");
  return `${r.kind} ${encodeKey(r.key)} ${r.value}\n${body}`;
}
