import { createHash } from "node:crypto";

/** A host key as it travels: its type and the bytes of the public key. */
export interface HostKey {
  readonly type: string;
  readonly blob: Buffer;
}

/** Reads `type base64 [comment]`. Throws where it is no such line, or where type and key disagree. */
export function parseHostKey(line: string): HostKey {
  const [type = "", base64 = ""] = line.trim().split(/\s+/);
  const blob = Buffer.from(base64, "base64");
  if (base64 === "" || keyType(blob) !== type)
    throw new Error(
      `the host key ${JSON.stringify(line.slice(0, 60))} is not of the form "ssh-ed25519 AAAA…"`,
    );
  return { type, blob };
}

/** The type that a public key's bytes begin with; empty where they are no key. */
export function keyType(blob: Buffer): string {
  const length = blob.length < 4 ? 0 : blob.readUInt32BE(0);
  return length > 0 && length <= 64 && blob.length > 4 + length ? blob.toString("latin1", 4, 4 + length) : "";
}

/** `SHA256:…` as ssh-keygen -l prints it. */
export const fingerprint = (blob: Buffer): string =>
  `SHA256:${createHash("sha256").update(blob).digest("base64").replace(/=+$/, "")}`;

/** Names of signatures that a key of each type can make; SHA-1 is never among them. */
const signatures: Readonly<Record<string, readonly string[]>> = {
  "ssh-rsa": ["rsa-sha2-512", "rsa-sha2-256"],
};

/**
 * Host key algorithms to offer for an expected key. Its own come first, so a server that has the key shows that
 * one; the others follow only so that a wrong key can be named in the error: it is refused all the same, since
 * the bytes of the key are what is compared.
 */
export function hostKeyAlgorithms(expected: string | undefined): string[] {
  const all = [
    "ssh-ed25519",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "rsa-sha2-512",
    "rsa-sha2-256",
  ];
  const own = expected === undefined ? [] : (signatures[expected] ?? [expected]);
  return [...own, ...all.filter((name) => !own.includes(name))];
}
