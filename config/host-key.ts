import { formatPath, show, type Path, type Problem } from "./errors";
import { isBroken, type Context, type KnownHostsFile } from "./findings";
import { parsePublicKey } from "./keys";
import { findHostKey, knownHostsName, parseKnownHosts } from "./known-hosts";
import { expandHome } from "./sources";

/** An address and what the configuration says about trusting it. */
export interface Trust {
  readonly host: string;
  readonly port: number;
  readonly hostKey?: string | undefined;
  readonly knownHostsFile: string;
  readonly insecureIgnoreHostKey: boolean;
}

/**
 * The host key that an address is accepted with: the configured one, else the best in known_hosts. Undefined,
 * with a warning, when any is to be accepted; undefined, with a problem, when none is known.
 */
export function resolveHostKey(trust: Trust, path: Path, context: Context): string | undefined {
  const place = formatPath(path);
  if (isBroken(context, [...path, "hostKey"])) return undefined;
  if (trust.hostKey !== undefined) return bare(trust.hostKey, place, context);
  if (trust.insecureIgnoreHostKey) {
    context.warnings.push(
      `${place}: insecureIgnoreHostKey is set: whoever answers at ${knownHostsName(trust.host, trust.port)} is taken for the machine. Set hostKey instead.`,
    );
    return undefined;
  }
  const file = knownHostsFile(trust.knownHostsFile, context);
  const known =
    "lines" in file
      ? findHostKey(file.lines, trust.host, trust.port)
      : { note: `${show(trust.knownHostsFile)} ${file.error}` };
  if (known.hostKey !== undefined) {
    if ((known.ofItsType ?? 1) > 1)
      context.warnings.push(
        `${place}: ${show(trust.knownHostsFile)} has ${known.ofItsType} keys of one type for ${knownHostsName(trust.host, trust.port)}, of which the first is expected. Remove those that are not the machine's (ssh-keygen -R removes all of them), or set hostKey.`,
      );
    return bare(known.hostKey, place, context);
  }
  context.problems.push(missing(trust, [...path, "hostKey"], known.note));
  return undefined;
}

function knownHostsFile(name: string, { sources, knownHosts }: Context): KnownHostsFile {
  const path = expandHome(name, sources.home);
  const known = knownHosts.get(path);
  if (known !== undefined) return known;
  const read = sources.readFile(path);
  const file = "text" in read ? { lines: parseKnownHosts(read.text) } : read;
  knownHosts.set(path, file);
  return file;
}

/** Without the comment, so that changing it changes no resource. */
function bare(hostKey: string, place: string, context: Context): string | undefined {
  const parsed = parsePublicKey(hostKey);
  if (parsed === undefined) return undefined;
  if (parsed.type === "ssh-rsa")
    context.warnings.push(
      `${place}: only an RSA host key is known; the provider offers those with SHA-1 signatures, which current servers refuse. Set the machine's ed25519 key as hostKey.`,
    );
  return `${parsed.type} ${parsed.base64}`;
}

function missing({ host, port, knownHostsFile }: Trust, path: Path, note: string | undefined): Problem {
  const file = show(knownHostsFile);
  return {
    path,
    allowed: `is missing, and ${note ?? `${file} does not know ${knownHostsName(host, port)}`}`,
    remedy:
      `get it with \`ssh-keyscan -t ed25519 -p ${port} ${host}\`, compare it with ` +
      `/etc/ssh/ssh_host_ed25519_key.pub as the machine's own console shows it, and set it here or add the line to ${file}`,
  };
}
