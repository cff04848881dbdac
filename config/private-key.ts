import { utils, type ParsedKey } from "ssh2";
import type { Problem } from "./errors";

/** What keeps a text from being used as a private key, with this passphrase or none; undefined when nothing does. */
export function privateKeyFault(
  key: string,
  passphrase: string | undefined,
): Pick<Problem, "allowed" | "remedy"> | undefined {
  const parsed = parse(key, passphrase);
  if (parsed instanceof Error) return unusable(parsed, passphrase);
  if (parsed.isPrivateKey()) return undefined;
  return { allowed: "is a public key, must be a private key", remedy: "name the file without .pub" };
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

// ssh2 answers with an error or throws one, and with a list for forms that may hold several keys
function parse(key: string, passphrase: string | undefined): ParsedKey | Error {
  try {
    const parsed: ParsedKey | Error | ParsedKey[] = utils.parseKey(key, passphrase);
    return [parsed].flat()[0] ?? new Error("holds no key");
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}
