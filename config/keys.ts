/** An OpenSSH public key: its algorithm and its base64 text. */
export interface PublicKey {
  readonly type: string;
  readonly base64: string;
}

/** The algorithms of keys that are taken, the best first. RSA is last: the provider offers RSA host keys with SHA-1 alone. */
export const keyTypes: readonly string[] = [
  "ssh-ed25519",
  "ecdsa-sha2-nistp256",
  "ecdsa-sha2-nistp384",
  "ecdsa-sha2-nistp521",
  "sk-ssh-ed25519@openssh.com",
  "sk-ecdsa-sha2-nistp256@openssh.com",
  "ssh-rsa",
];

// options of an authorized_keys line: words and quoted texts without space between, as sshd(8) has it
const authorizedLine =
  /^(?:((?:[^\s"]|"(?:[^"\\]|\\.)*")+)[ \t]+)?(\S+)[ \t]+([A-Za-z0-9+/]+={0,2})(?:[ \t]+\S.*)?$/;

/** Parses `type base64 [comment]`; undefined when it is no public key, or one cut off when it was copied. */
export function parsePublicKey(line: string): PublicKey | undefined {
  const [type = "", base64 = ""] = line.trim().split(/[ \t]+/);
  return isPublicKey(type, base64) && !/[\r\n]/.test(line.trim()) ? { type, base64 } : undefined;
}

/** Whether a line of authorized_keys, options allowed, holds a whole public key. */
export function isAuthorizedKey(line: string): boolean {
  if (line.length > 8192 || /\p{Cc}/u.test(line)) return false;
  if (parsePublicKey(line) !== undefined) return true;
  const match = authorizedLine.exec(line.trim());
  return match !== null && isPublicKey(match[2] ?? "", match[3] ?? "");
}

function isPublicKey(type: string, base64: string): boolean {
  if (!keyTypes.includes(type) || !/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) return false;
  const fields = readFields(Buffer.from(base64, "base64"));
  return fields !== undefined && fields.length >= 2 && fields[0]?.toString("latin1") === type;
}

/** The length-prefixed fields of a key's blob; undefined when the blob ends in the middle of one. */
function readFields(blob: Buffer): readonly Buffer[] | undefined {
  const fields: Buffer[] = [];
  let at = 0;
  while (at < blob.length) {
    if (at + 4 > blob.length) return undefined;
    const end = at + 4 + blob.readUInt32BE(at);
    if (end > blob.length) return undefined;
    fields.push(blob.subarray(at + 4, end));
    at = end;
  }
  return fields;
}
