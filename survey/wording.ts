import type { Attempt, Ending } from "./attempt";
import { messageOf, SurveyError, type SurveyReason } from "./errors";
import { fingerprint, parseHostKey } from "./host-key";
import { printable, printableLines } from "./text";
import { wasTurnedAway } from "./turned-away";
import type { Endpoint } from "./types";

/** `host:port`, an IPv6 address in brackets. */
export const address = ({ host, port }: Pick<Endpoint, "host" | "port">): string =>
  `${host.includes(":") ? `[${host}]` : host}:${port}`;

const place = ({ connection, bastion }: Attempt): string =>
  `${bastion ? "bastion " : ""}${address(connection)}`;
const whose = ({ bastion }: Attempt): string => (bastion ? "the bastion's" : "the node's");
const seconds = ({ connection }: Attempt): string => `${connection.dialTimeoutSeconds} s`;

const failed = (attempt: Attempt, reason: SurveyReason, message: string, remedy: string): SurveyError =>
  new SurveyError(attempt.node, reason, message, remedy);

/** The error code of a system call; of the first one where several addresses were tried. */
function codeOf(ending: Ending): string {
  if (typeof ending === "string") return ending;
  const { code } = ending as NodeJS.ErrnoException;
  const first: unknown = ending instanceof AggregateError ? ending.errors[0] : undefined;
  return code ?? (first instanceof Error ? codeOf(first) : "");
}

/** No connection came about. */
export function dialError(attempt: Attempt, ending: Ending): SurveyError {
  const at = place(attempt);
  const correct = `correct ${whose(attempt)} host and port`;
  switch (codeOf(ending)) {
    case "ECONNREFUSED":
      return failed(attempt, "refused", `${at} refuses connections`, `Start sshd there, or ${correct}.`);
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return failed(
        attempt,
        "unknown-host",
        `the name ${attempt.connection.host} does not resolve to an address`,
        `Correct ${whose(attempt)} host, or make the name known to the operator's resolver.`,
      );
    case "timeout":
    case "ETIMEDOUT":
      return failed(
        attempt,
        "timeout",
        `${at} did not answer within ${seconds(attempt)}`,
        `Is the machine running, and does a firewall let this host in? Otherwise ${correct}.`,
      );
    default:
      return failed(
        attempt,
        "unreachable",
        `${at} cannot be reached: ${printable(ending === "closed" ? "connection closed" : messageOf(ending))}`,
        `Check the network between here and there, or ${correct}.`,
      );
  }
}

/** The bastion is there, but has no way to the node. */
export const jumpError = (attempt: Attempt, bastion: Endpoint, cause: Error): SurveyError =>
  failed(
    attempt,
    /refused/i.test(cause.message) ? "refused" : "unreachable",
    `bastion ${address(bastion)} cannot connect to ${address(attempt.connection)}: ${printable(cause.message)}`,
    "Check that sshd runs on the node, that the bastion can reach it, and that the bastion's sshd allows TCP forwarding (AllowTcpForwarding, PermitOpen).",
  );

/** A connection came about, but nothing that speaks SSH greeted. */
export function greetingError(attempt: Attempt, ending: Ending): SurveyError {
  const at = place(attempt);
  if (attempt.heard !== "" && wasTurnedAway(attempt))
    return failed(
      attempt,
      "no-ssh",
      `sshd at ${at} turns the login away: ${printableLines(attempt.heard, 80)}`,
      "Too many logins at a time, or too many that failed: lower ssh.maxConnections and pulumi's --parallel, or raise MaxStartups (PerSourcePenalties) in its sshd_config.",
    );
  if (attempt.heard !== "") {
    const heard = printableLines(attempt.heard, 80);
    return failed(
      attempt,
      "no-ssh",
      `${at} does not speak SSH, it said "${heard}"`,
      `Correct ${whose(attempt)} port.`,
    );
  }
  if (ending === "timeout") {
    const remedy = `Is this sshd's port, and is the machine healthy? A machine out of memory or processes looks like this too.`;
    return failed(
      attempt,
      "no-ssh",
      `${at} accepts connections, but said nothing for ${seconds(attempt)}`,
      remedy,
    );
  }
  return failed(
    attempt,
    "no-ssh",
    `${at} accepted the connection and closed it before SSH greeted`,
    `Is this sshd's port? sshd does that to hosts it is told to refuse (MaxStartups, fail2ban, hosts.deny), and a forwarded port does it while nothing listens behind it.`,
  );
}

/** SSH greeted, but no encrypted connection came about. */
export function handshakeError(attempt: Attempt, ending: Ending): SurveyError {
  if (attempt.refusedKey !== undefined) return hostKeyError(attempt);
  const at = place(attempt);
  if (ending === "timeout")
    return failed(
      attempt,
      "timeout",
      `${at} did not complete the SSH handshake within ${seconds(attempt)}`,
      "Is the machine overloaded? Try again, or raise ssh.dialTimeout.",
    );
  if (ending === "closed" || codeOf(ending) === "ECONNRESET")
    return failed(
      attempt,
      "dropped",
      `${at} closed the connection during the SSH handshake`,
      "See sshd's log there.",
    );
  return failed(
    attempt,
    "protocol",
    `the SSH handshake with ${at} failed: ${printable(messageOf(ending))}`,
    "Allow sshd there a current key exchange, cipher and host key type (its defaults, or ssh-ed25519 and curve25519-sha256).",
  );
}

function hostKeyError(attempt: Attempt): SurveyError {
  const { connection, refusedKey: seen } = attempt;
  const expected = parseHostKey(connection.hostKey ?? "");
  const at = place(attempt);
  return failed(
    attempt,
    "host-key-mismatch",
    `${at} shows the host key ${printable(seen?.type ?? "")} ${seen ? fingerprint(seen.blob) : ""}, expected ${expected.type} ${fingerprint(expected.blob)}`,
    `If the machine was reinstalled, compare the fingerprint on its console (ssh-keygen -lf ${hostKeyFile(seen?.type ?? "")}) and replace ${whose(attempt)} hostKey or its line in known_hosts. If not, somebody may be in between: do not connect.`,
  );
}

/** Where sshd has its host key of a type. */
const hostKeyFile = (type: string): string =>
  `/etc/ssh/ssh_host_${type === "ssh-rsa" ? "rsa" : type.startsWith("ecdsa-") ? "ecdsa" : "ed25519"}_key.pub`;

/** The connection is up, but the login did not succeed. */
export function loginError(attempt: Attempt, ending: Ending): SurveyError {
  const { user, auth } = attempt.connection;
  const who = `${user} at ${place(attempt)}`;
  if (ending === "timeout")
    return failed(
      attempt,
      "timeout",
      `the login of ${who} took longer than ${seconds(attempt)}`,
      "Is the machine overloaded? Try again, or raise ssh.dialTimeout.",
    );
  if (isOfAgent(ending))
    return failed(
      attempt,
      "auth",
      `the SSH agent at ${auth.agentSocket ?? ""} failed: ${printable(messageOf(ending))}`,
      "Is it there, does it hold the key (ssh-add -l), was its use confirmed? Start it anew (eval $(ssh-agent) && ssh-add; on Windows Start-Service ssh-agent), or correct SSH_AUTH_SOCK.",
    );
  const told = toldError(attempt, who);
  if (told !== undefined) return told;
  const tried = methods(auth);
  const said = ending === "closed" ? "" : printable(messageOf(ending));
  if (/too many authentication failures/i.test(said))
    return failed(
      attempt,
      "auth",
      `sshd refused ${who} after too many keys`,
      "Offer fewer: an agent with only the key for this cluster, or a privateKeyFile.",
    );
  return failed(
    attempt,
    "auth",
    `sshd refused the login of ${who} with ${tried}${/configured authentication methods/.test(said) || said === "" ? "" : `: ${said}`}`,
    remedyForLogin(auth, user),
  );
}

/** PAM gives its reason for turning an account away in the way of a banner; sites have banners of their own. */
function toldError(attempt: Attempt, who: string): SurveyError | undefined {
  const { user } = attempt.connection;
  const line = (words: RegExp): string | undefined =>
    attempt.told.split("\n").find((text) => words.test(text));
  const later = line(/System is (booting up|going down)|not permitted to log in/);
  if (later !== undefined)
    return failed(
      attempt,
      "dropped",
      `${who} may not log in now: ${printable(later)}`,
      "Try again once it has booted; if it stays so, see why /run/nologin or /etc/nologin is there.",
    );
  const expired = line(/account has expired/i);
  if (expired === undefined) return undefined;
  return failed(
    attempt,
    "auth",
    `${who} may not log in: ${printable(expired)}`,
    `Have the account expire no more (as root there: chage -E -1 ${printable(user, 40)}), or log in as another user.`,
  );
}

const isOfAgent = (ending: Ending): boolean =>
  ending instanceof Error && (ending as Error & { level?: string }).level === "agent";

const methods = (auth: Endpoint["auth"]): string =>
  [
    ...(auth.privateKey === undefined ? [] : ["the private key"]),
    ...(auth.agentSocket === undefined ? [] : ["the keys of the SSH agent"]),
    ...(auth.password === undefined ? [] : ["the password"]),
  ].join(" and ") || "nothing to log in with";

function remedyForLogin(auth: Endpoint["auth"], user: string): string {
  if (auth.privateKey !== undefined || auth.agentSocket !== undefined)
    return `Add the public key to ~${user}/.ssh/authorized_keys there (ssh-copy-id), or correct the user or the key${auth.agentSocket === undefined ? "" : "; ssh-add -l lists what the agent holds"}. If all of that is right, sshd's log there says more (journalctl -t sshd): an account that has expired, AllowUsers, pam_access.${forRoot(user)}`;
  return `Correct the user or the password; sshd must allow PasswordAuthentication.${forRoot(user)}`;
}

const forRoot = (user: string): string =>
  user === "root"
    ? " Where sshd does not let root in (PermitRootLogin), log in as a user with sudo (ssh.user)."
    : "";

/** The private key cannot be used at all. Its text is not part of the message. */
export const keyError = (attempt: Attempt, cause: unknown): SurveyError =>
  failed(
    attempt,
    "auth",
    `the private key for ${attempt.connection.user} at ${place(attempt)} cannot be read: ${printable(messageOf(cause))}`,
    /encrypted|passphrase/i.test(messageOf(cause))
      ? "Give its passphrase, or add it to an SSH agent and set agent: true."
      : "Give a private key in OpenSSH or PEM form.",
  );

/** The host key that the machine is expected to have cannot be read: nothing was dialled. */
export const expectedKeyError = (attempt: Attempt, cause: unknown): SurveyError =>
  failed(
    attempt,
    "host-key",
    `${place(attempt)}: ${printable(messageOf(cause), 200)}`,
    `Correct ${whose(attempt)} hostKey: type and key as ssh-keyscan -t ed25519 -p ${attempt.connection.port} ${attempt.connection.host} prints them behind the name, once compared with the machine's own console (ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub).`,
  );
