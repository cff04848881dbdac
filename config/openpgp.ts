import { createHash } from "node:crypto";

/**
 * The fingerprints of the primary keys in an ASCII-armored public key block (RFC 4880), in upper case; undefined for
 * what is none. Only version 4 keys are known: those that package repositories are signed with.
 */
export function fingerprintsOf(armored: string): readonly string[] | undefined {
  const match =
    /-----BEGIN PGP PUBLIC KEY BLOCK-----\r?\n(?:[^\r\n]+: [^\r\n]*\r?\n)*\s*([A-Za-z0-9+/=\s]+?)\s*-----END PGP PUBLIC KEY BLOCK-----/.exec(
      armored,
    );
  // the checksum is a line of its own that begins with =
  const base64 = match?.[1]?.replace(/\n=[A-Za-z0-9+/]{4}\s*$/, "");
  if (base64 === undefined) return undefined;
  const found: string[] = [];
  for (const { tag, body } of packets(Buffer.from(base64, "base64")))
    if (tag === publicKey && body[0] === 4) found.push(fingerprint(body));
  return found.length === 0 ? undefined : found;
}

const publicKey = 6;

function fingerprint(body: Buffer): string {
  const head = Buffer.from([0x99, body.length >> 8, body.length & 255]);
  return createHash("sha1").update(head).update(body).digest("hex").toUpperCase();
}

interface Packet {
  readonly tag: number;
  readonly body: Buffer;
}

function* packets(data: Buffer): Generator<Packet> {
  let at = 0;
  while (at < data.length) {
    const first = data[at] ?? 0;
    const size = (first & 0x40) === 0 ? oldLength(data, at) : newLength(data, at);
    if (size === undefined || (first & 0x80) === 0) return;
    const begin = at + size.head;
    at = begin + size.body;
    if (at > data.length) return;
    yield { tag: (first & 0x40) === 0 ? (first >> 2) & 15 : first & 63, body: data.subarray(begin, at) };
  }
}

type Size = { readonly head: number; readonly body: number } | undefined;

function oldLength(data: Buffer, at: number): Size {
  const bytes = [1, 2, 4][(data[at] ?? 0) & 3];
  if (bytes === undefined || at + 1 + bytes > data.length) return undefined;
  return { head: 1 + bytes, body: data.readUIntBE(at + 1, bytes) };
}

function newLength(data: Buffer, at: number): Size {
  const first = data[at + 1] ?? 0;
  if (first < 192) return { head: 2, body: first };
  if (first < 224) return { head: 3, body: ((first - 192) << 8) + (data[at + 2] ?? 0) + 192 };
  return first === 255 && at + 6 <= data.length ? { head: 6, body: data.readUInt32BE(at + 2) } : undefined;
}
