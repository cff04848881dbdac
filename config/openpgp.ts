import { createHash } from "node:crypto";

/**
 * The fingerprints of all primary keys in a text of ASCII-armored public key blocks (RFC 4880), in upper case; undefined
 * for what is none, or holds anything besides that cannot be told for certain. Who pins a key must see what apt and rpm
 * will see: they read every block of the text, and every key of a block. Only version 4 keys are known: those that package
 * repositories are signed with.
 */
export function fingerprintsOf(armored: string): readonly string[] | undefined {
  const blocks = [...armored.matchAll(block)];
  if (blocks.length === 0 || blocks.length !== armored.split("-----BEGIN").length - 1) return undefined;
  const found = blocks.map(([, text = ""]) => primaryKeys(text));
  const all = found.flatMap((keys) => keys ?? []);
  return found.includes(undefined) || all.length === 0 ? undefined : all;
}

const block =
  /-----BEGIN PGP PUBLIC KEY BLOCK-----\r?\n(?:[^\r\n]+: [^\r\n]*\r?\n)*\s*([A-Za-z0-9+/=\s]+?)\s*-----END PGP PUBLIC KEY BLOCK-----/g;

function primaryKeys(text: string): readonly string[] | undefined {
  // the checksum is a line of its own that begins with =
  const base64 = text.replace(/\n=[A-Za-z0-9+/]{4}\s*$/, "").replace(/\s/g, "");
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) return undefined;
  const found = packets(Buffer.from(base64, "base64"));
  const keys = found?.filter(({ tag }) => tag === publicKey);
  if (found?.every(({ tag }) => known.includes(tag)) !== true) return undefined;
  return keys?.every(({ body }) => body[0] === 4) === true
    ? keys.map(({ body }) => fingerprint(body))
    : undefined;
}

const publicKey = 6;
/** What belongs to a public key: signature, the key, trust, user, subkey, picture. */
const known: readonly number[] = [2, publicKey, 12, 13, 14, 17];

function fingerprint(body: Buffer): string {
  const head = Buffer.from([0x99, body.length >> 8, body.length & 255]);
  return createHash("sha1").update(head).update(body).digest("hex").toUpperCase();
}

interface Packet {
  readonly tag: number;
  readonly body: Buffer;
}

/** Undefined where the data are not whole packets to their end. */
function packets(data: Buffer): readonly Packet[] | undefined {
  const found: Packet[] = [];
  let at = 0;
  while (at < data.length) {
    const first = data[at] ?? 0;
    const size = (first & 0x40) === 0 ? oldLength(data, at) : newLength(data, at);
    if (size === undefined || (first & 0x80) === 0) return undefined;
    const begin = at + size.head;
    at = begin + size.body;
    if (at > data.length) return undefined;
    found.push({
      tag: (first & 0x40) === 0 ? (first >> 2) & 15 : first & 63,
      body: data.subarray(begin, at),
    });
  }
  return found;
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
