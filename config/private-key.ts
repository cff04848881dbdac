import { utils, type ParsedKey } from "ssh2";
import type { Problem } from "./errors";

/** What keeps a text from being used as a private key, with this passphrase or none; undefined when nothing does. */
export function privateKeyFault(
  key: string,
  passphrase: string | undefined,
): Pick<Problem, "allowed" | "remedy"> | undefined {
  if (key.startsWith("PuTTY-"))
    return {
      allowed: "is a key in PuTTY's form, must be in OpenSSH's",
      remedy: "convert it with `puttygen <file> -O private-openssh-new -o <new file>`",
    };
  const parsed = parsePrivateKey(key, passphrase);
  if (parsed instanceof Error) return mangled(key) ?? unusable(parsed, passphrase);
  if (parsed.isPrivateKey()) return foreignFault(key, passphrase);
  return { allowed: "is a public key, must be a private key", remedy: "name the file without .pub" };
}

const begin = /-----BEGIN [A-Z ]*PRIVATE KEY-----/;

/** What becomes of keys on their way through the variables of a CI system. */
function mangled(key: string): Pick<Problem, "allowed" | "remedy"> | undefined {
  if (begin.test(key))
    return key.trim().includes("\n")
      ? undefined
      : {
          allowed: "is on one line: its line breaks were lost on the way",
          remedy:
            'quote the variable that holds it ("$KEY"), with real line breaks in it, or take it from its file',
        };
  if (!begin.test(Buffer.from(key, "base64").toString("latin1"))) return undefined;
  return { allowed: "is a key in base64", remedy: "decode it first, with `base64 -d`" };
}

/** The ciphers of encrypted OpenSSH keys that golang.org/x/crypto/ssh, and so Pulumi's own provider, can read. */
const ciphers: readonly string[] = ["none", "aes256-ctr", "aes256-cbc"];

/** What Pulumi's own provider would refuse, at the first stage of every node. */
function foreignFault(
  key: string,
  passphrase: string | undefined,
): Pick<Problem, "allowed" | "remedy"> | undefined {
  const cipher = cipherOf(key);
  if (cipher !== undefined && !ciphers.includes(cipher))
    return {
      allowed: `is encrypted with ${cipher}, which Pulumi's command provider cannot read`,
      remedy: "encrypt it anew with `ssh-keygen -p -Z aes256-ctr -f <file>`",
    };
  if (passphrase !== undefined && !(parsePrivateKey(key, undefined) instanceof Error))
    return {
      allowed: "is not encrypted, but has a passphrase beside it, which Pulumi's command provider refuses",
      remedy: "remove passphrase",
    };
  return undefined;
}

/** The cipher that a key in OpenSSH's form is encrypted with, which stands first in it; undefined for other forms. */
function cipherOf(key: string): string | undefined {
  const base64 = /-----BEGIN OPENSSH PRIVATE KEY-----([^-]*)/.exec(key)?.[1] ?? "";
  const blob = Buffer.from(base64, "base64");
  const magic = "openssh-key-v1\0";
  if (blob.subarray(0, magic.length).toString("latin1") !== magic) return undefined;
  const from = magic.length + 4;
  return blob.subarray(from, from + blob.readUInt32BE(magic.length)).toString("latin1");
}

function unusable({ message }: Error, passphrase: string | undefined): Pick<Problem, "allowed" | "remedy"> {
  if (/no passphrase/i.test(message))
    return {
      allowed: "is encrypted",
      remedy: "set passphrase beside it, as a secret, or use the SSH agent",
    };
  if (passphrase !== undefined && /passphrase|decrypt|integrity/i.test(message))
    return { allowed: "cannot be opened with the passphrase given", remedy: "correct passphrase" };
  return {
    allowed: "holds no private key that can be read",
    remedy: "bring it into OpenSSH's form with `ssh-keygen -p -f <file>`",
  };
}

const parsed = new Map<string, ParsedKey | Error>();

/**
 * Reads a private key, once: to open an encrypted one takes half a second of computing, in which nothing else goes on.
 */
export function parsePrivateKey(key: string, passphrase: string | undefined): ParsedKey | Error {
  const id = JSON.stringify([key, passphrase]);
  const known = parsed.get(id) ?? parse(key, passphrase);
  parsed.set(id, known);
  return known;
}

// ssh2 answers with an error or throws one, and with a list for forms that may hold several keys
function parse(key: string, passphrase: string | undefined): ParsedKey | Error {
  try {
    const found: ParsedKey | Error | ParsedKey[] = utils.parseKey(key, passphrase);
    return [found].flat()[0] ?? new Error("holds no key");
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}
