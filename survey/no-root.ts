import type { CommandResult, Session } from "./connection";
import { SurveyError } from "./errors";
import { hasFacts } from "./facts";
import { printable, printableLines, whatItSaid } from "./text";
import type { SurveyTarget } from "./types";
import { address } from "./wording";

/** What the node complained of; where nothing of ours was run, its stdout says why: a forced command, an account without a shell. */
export const complaint = ({ stdout, stderr }: CommandResult): string =>
  printableLines(hasFacts(stdout) || /^meta\t/m.test(stdout) ? stderr : `${stderr}\n${stdout}`);

/**
 * Why the first command of another user than root printed nothing of ours: the login shell did not run it, or sudo did
 * not, or what sudo ran could not go on.
 */
export async function noRoot(
  session: Session,
  target: SurveyTarget,
  result: CommandResult,
): Promise<SurveyError> {
  const said = complaint(result) || whatItSaid(result);
  // Our script has that name, and runs as root alone.
  if (/\bnodeprep: (line )?\d+: /.test(said)) return scriptError(target, said);
  const expired = remedyIfExpired(said, target);
  if (expired !== undefined) return expiredError(target, said, expired);
  if (!/sudo/.test(said) && !(await runsCommands(session))) return shellError(target, said);
  return sudoError(target, said, result.code);
}

/** A shell that ends, or reads what is meant for its command, does not send it back. */
async function runsCommands(session: Session): Promise<boolean> {
  const { stdout } = await session.run("cat", "nodeprep\n", { what: "asking its login shell" });
  return stdout.includes("nodeprep");
}

/** The remedy where sshd, or sudo, said that a password must be changed first. */
export const remedyIfExpired = (said: string, { connection }: SurveyTarget): string | undefined =>
  /password (has|is) expired|password change required/i.test(said)
    ? `Give the account a new password (passwd), or have its password expire no more (as root: chage -d $(date +%F) -M -1 ${printable(connection.user, 40)}).`
    : undefined;

const expiredError = (target: SurveyTarget, said: string, remedy: string): SurveyError =>
  new SurveyError(
    target.node,
    "auth",
    `${who(target)} may not run anything: ${said}`,
    `${remedy} Nothing was changed.`,
  );

const who = ({ connection }: SurveyTarget): string => `${connection.user} at ${address(connection)}`;

/** A line for a sudoers file of the user's own. */
function sudoersLine({ connection }: SurveyTarget, line: (name: string) => string): string {
  const name = printable(connection.user, 40);
  // sudo passes over files with a dot in their name.
  return `as root: echo '${line(name)}' >> /etc/sudoers.d/${name.replaceAll(".", "_")}`;
}

function sudoError(target: SurveyTarget, said: string, code: number): SurveyError {
  // What shells end with where there is no such command, in whatever language they say so; csh ends with 1.
  const isMissing = code === 127 || /sudo: .*not found/i.test(said);
  const allow = isMissing ? "Install sudo there and allow" : "Allow";
  const line = sudoersLine(target, (name) => `${name} ALL=(ALL) NOPASSWD: ALL`);
  const remedy = /\btty\b/i.test(said)
    ? `Let it run without a terminal (${sudoersLine(target, (name) => `Defaults:${name} !requiretty`)})`
    : `${allow} it without a password (${line})`;
  return new SurveyError(
    target.node,
    "sudo",
    `${who(target)} does not become root with sudo -n: ${said}`,
    `${remedy}, or connect as root. Nothing was changed.`,
  );
}

const scriptError = (target: SurveyTarget, said: string): SurveyError =>
  new SurveyError(
    target.node,
    "sudo",
    `${who(target)} becomes root with sudo -n, but cannot do anything then: ${said}`,
    `See that base64 and gzip are there. If it says "Permission denied", sudo keeps its commands from starting others: allow it (${sudoersLine(target, (name) => `Defaults:${name} !noexec`)}), or connect as root. Nothing was changed.`,
  );

const shellError = (target: SurveyTarget, said: string): SurveyError =>
  new SurveyError(
    target.node,
    "protocol",
    `${who(target)} logs in, but its login shell does not run the command that it is given: ${said}`,
    "See that the account has a shell, that what this reads first (.bashrc) neither reads stdin nor starts another shell without a terminal, and that no ForceCommand of sshd_config takes its place; or connect as another user. Nothing was changed.",
  );
