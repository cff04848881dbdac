import { createHmac } from "node:crypto";
import { parseAddress } from "./cidr";
import { keyTypes, parsePublicKey } from "./keys";

/** What a known_hosts file knows about a host. */
export interface KnownHost {
  /** The best key, `type base64`. */
  readonly hostKey?: string;
  /** How many keys of its type are on file: which of them is the machine's own is not known. */
  readonly ofItsType?: number;
  /** Why there is none although the host is in the file, or why a key was passed over. */
  readonly note?: string;
}

/** One line of a known_hosts file. */
export interface KnownHostsLine {
  /** `@revoked`, `@cert-authority` or nothing. */
  readonly marker: string;
  readonly names: NamePatterns | HashedName;
  readonly hostKey: string;
  /** Place in the order of keyTypes. */
  readonly rank: number;
}

interface NamePatterns {
  readonly patterns: readonly string[];
}

interface HashedName {
  readonly salt: Buffer;
  readonly hash: string;
}

/** Reads a known_hosts file; lines that hold no key are left out. */
export const parseKnownHosts = (text: string): readonly KnownHostsLine[] =>
  text.split(/\r?\n/).flatMap((line) => parseLine(line) ?? []);

/**
 * Looks a host up in a known_hosts file: plain, hashed, `[host]:port` entries, wildcards and negations. Ed25519 and
 * ECDSA keys go before RSA. Revoked keys are never used; certificate authorities are no host keys and only noted.
 */
export function findHostKey(knownHosts: readonly KnownHostsLine[], host: string, port: number): KnownHost {
  const names = [...new Set([host, parseAddress(host)?.toString() ?? host])].map((name) =>
    knownHostsName(name, port),
  );
  const lines = knownHosts.filter((line) => names.some((name) => matches(line.names, name)));
  const revoked = new Set(lines.filter((line) => line.marker === "@revoked").map((line) => line.hostKey));
  const usable = lines.filter((line) => line.marker === "" && !revoked.has(line.hostKey));
  const best = [...usable].sort((a, b) => a.rank - b.rank)[0];
  if (best !== undefined) {
    const same = new Set(usable.filter((line) => line.rank === best.rank).map((line) => line.hostKey));
    return { hostKey: best.hostKey, ofItsType: same.size };
  }
  if (revoked.size > 0) return { note: "the key on file is marked @revoked" };
  if (lines.some((line) => line.marker === "@cert-authority"))
    return { note: "only a @cert-authority is on file, and host certificates are not supported" };
  return {};
}

/** The name that known_hosts files list an address under: bare for port 22, else `[host]:port`. */
export const knownHostsName = (host: string, port: number): string => {
  const lower = host.toLowerCase();
  return port === 22 ? lower : `[${lower}]:${port}`;
};

function parseLine(line: string): KnownHostsLine | undefined {
  const words = line.trim().split(/[ \t]+/);
  const marker = words[0]?.startsWith("@") ? (words.shift() ?? "") : "";
  const [hosts = "", type = "", base64 = ""] = words;
  if (hosts.startsWith("#")) return undefined;
  const names = parseNames(hosts);
  // sshd has no keys of security keys
  if (names === undefined || type.startsWith("sk-") || parsePublicKey(`${type} ${base64}`) === undefined)
    return undefined;
  return { marker, names, hostKey: `${type} ${base64}`, rank: keyTypes.indexOf(type) };
}

/** `|1|salt|hash` is an HMAC-SHA1 of the name, so that a stolen file does not list the hosts. */
function parseNames(hosts: string): NamePatterns | HashedName | undefined {
  if (!hosts.startsWith("|")) return { patterns: hosts.toLowerCase().split(",") };
  const [, version, salt = "", hash = ""] = hosts.split("|");
  return version === "1" ? { salt: Buffer.from(salt, "base64"), hash } : undefined;
}

function matches(names: NamePatterns | HashedName, name: string): boolean {
  if ("salt" in names) return createHmac("sha1", names.salt).update(name).digest("base64") === names.hash;
  const denied = names.patterns.some(
    (pattern) => pattern.startsWith("!") && matchesPattern(pattern.slice(1), name),
  );
  return !denied && names.patterns.some((pattern) => matchesPattern(pattern, name));
}

/** `*` for any letters, `?` for one. Compared without a regular expression: many stars would make one crawl. */
function matchesPattern(pattern: string, name: string): boolean {
  if (!/[*?]/.test(pattern)) return pattern === name;
  let reached = new Set([0]);
  for (const char of pattern) {
    const next = new Set<number>();
    for (const at of reached) {
      if (char === "*") for (let to = at; to <= name.length; to++) next.add(to);
      else if (at < name.length && (char === "?" || char === name[at])) next.add(at + 1);
    }
    reached = next;
  }
  return reached.has(name.length);
}
