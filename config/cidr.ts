import * as ipaddr from "ipaddr.js";

/** An IP address of either family. */
export type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** A network: its first address and its prefix length. */
export interface Cidr {
  readonly address: Address;
  readonly prefix: number;
  /** Canonical text: no host bits, IPv6 in its short form. */
  readonly text: string;
}

/** Parses `address/prefix`; undefined when it is none. Host bits are cleared: compare `text` to notice them. */
export function parseCidr(text: string): Cidr | undefined {
  if (!isAddress(text.split("/")[0] ?? "") || !/\/\d{1,3}$/.test(text)) return undefined;
  try {
    const [address, prefix] = ipaddr.parseCIDR(text);
    return network(address, prefix);
  } catch {
    return undefined;
  }
}

/** The network of this prefix length that the address lies in. */
export function network(address: Address, prefix: number): Cidr {
  const bytes = address.toByteArray().map((byte, index) => byte & mask(prefix - 8 * index));
  const first = ipaddr.fromByteArray(bytes);
  return { address: first, prefix, text: `${first.toString()}/${prefix}` };
}

const mask = (bits: number): number => (bits >= 8 ? 255 : bits <= 0 ? 0 : (255 << (8 - bits)) & 255);

/** Parses an IPv4 address of four numbers, or an IPv6 address; undefined when it is none. */
export function parseAddress(text: string): Address | undefined {
  return isAddress(text) ? ipaddr.parse(text) : undefined;
}

// ipaddr.js accepts what inet_aton accepts (`10.1`, octal); machines' tools do not agree on those forms.
const isAddress = (text: string): boolean =>
  ipaddr.IPv4.isValidFourPartDecimal(text) || (ipaddr.IPv6.isValid(text) && !text.includes("%"));

/** Whether a network holds an address. */
export const holds = (cidr: Cidr, address: Address): boolean =>
  cidr.address.kind() === address.kind() && network(address, cidr.prefix).text === cidr.text;

/** Whether the first network holds all of the second. */
export const includes = (outer: Cidr, inner: Cidr): boolean =>
  inner.prefix >= outer.prefix && holds(outer, inner.address);

/** Whether two networks share an address. */
export const overlaps = (a: Cidr, b: Cidr): boolean => includes(a, b) || includes(b, a);

/** Whether a CIDR, as text that was checked before, is one of IPv6. */
export const isIPv6Cidr = (text: string): boolean => text.includes(":");

/** Whether an address leads to the machine itself, as that of a forwarded port does. */
export const isLoopback = (address: Address): boolean => (address.range() as string) === "loopback";

/** A network's family as people call it. */
export const family = (cidr: Cidr): "IPv4" | "IPv6" => (cidr.address.kind() === "ipv4" ? "IPv4" : "IPv6");

/**
 * A part of a network that overlaps none of those taken, to be proposed in an error: of the size of a node's
 * usual part (/24, /64 or the whole, whichever is smallest). Looks at the first thousand parts after the first.
 */
export function freeSubnet(outer: Cidr, taken: readonly Cidr[]): string | undefined {
  const prefix = Math.max(outer.prefix, family(outer) === "IPv4" ? 24 : 64);
  const parts = Math.min(2 ** (prefix - outer.prefix), 1000);
  for (let index = parts > 1 ? 1 : 0; index < parts; index++) {
    const candidate = nth(outer, prefix, index);
    if (!taken.some((other) => overlaps(candidate, other))) return candidate.text;
  }
  return undefined;
}

function nth(outer: Cidr, prefix: number, index: number): Cidr {
  const bytes = outer.address.toByteArray();
  const width = bytes.length * 8;
  const value =
    bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n) + (BigInt(index) << BigInt(width - prefix));
  const next = bytes.map((_, at) => Number((value >> BigInt(width - 8 * (at + 1))) & 255n));
  return network(ipaddr.fromByteArray(next), prefix);
}
