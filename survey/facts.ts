import { createHash } from "node:crypto";
import { isIP } from "node:net";
import type { Facts } from "../plan/facts";
import { newSecretsKey } from "../plan/secrets";
import { parseOsRelease } from "./os-release";
import { printable } from "./text";

/** What was asked for and when: files are answered by number, in the order of the question. */
export interface FactsQuestion {
  readonly packages: readonly string[];
  readonly files: readonly string[];
  /** Asked for after those: what is no regular file, or too large, counts as absent. */
  readonly glances?: readonly string[];
  /** The operator's clock before and after, in seconds since 1970. */
  readonly sent: number;
  readonly received: number;
}

/** Largest file that is read as a fact, in bytes. */
const fileLimit = 1024 * 1024;

/** Most ports of sshd: each becomes a rule of the firewall. */
const portsLimit = 64;

type Lines = ReadonlyMap<string, readonly string[]>;

/** Something on the node that is not as it must be to be read: not the way there, which other errors are about. */
export class FactError extends Error {
  constructor(
    message: string,
    readonly remedy: string,
  ) {
    super(message);
  }
}

/**
 * Facts from what `toolkit/facts.sh` printed; lines before its first one are somebody's shell profile. The text is
 * the node's, so nothing is taken on trust. Throws an Error that says what cannot be read.
 */
export function parseFacts(stdout: string, question: FactsQuestion): Facts {
  const lines = readLines(stdout);
  const os = parseOsRelease(lines);
  return {
    ...os,
    architecture: matching(lines, "architecture", /^[A-Za-z0-9_-]{1,32}$/),
    kernel: matching(lines, "kernel", /^[A-Za-z0-9._+~-]{1,128}$/),
    packageManager: oneOf(lines, "package-manager", ["apt", "dnf", "none"]),
    init: lines.has("init") ? oneOf(lines, "init", ["systemd"]) : "other",
    cgroupVersion: oneOf(lines, "cgroup", ["1", "2"]) === "2" ? 2 : 1,
    selinux: oneOf(lines, "selinux", ["absent", "disabled", "permissive", "enforcing"]),
    sshPorts: ports(lines),
    ...address(lines),
    sshInterface: matching(lines, "ssh-interface", /^[A-Za-z0-9_.:@-]{0,32}$/),
    sshZone: matching(lines, "ssh-zone", /^[A-Za-z0-9_-]{1,64}$/),
    packages: packages(lines, question.packages),
    files: files(lines, question),
    clockOffset: clockOffset(Number(matching(lines, "clock", /^\d{1,12}$/)), question),
    timeService:
      first(lines, "time-service") === undefined ? "" : matching(lines, "time-service", /^[a-z0-9-]{1,32}$/),
    ...pods(lines),
    hostname: printable(first(lines, "hostname") ?? "", 255),
    machineId: (first(lines, "machine-id") ?? "").match(/^[0-9a-f]{32}$/)?.[0] ?? "",
    networkManager: lines.has("network-manager"),
    secretsKey: (first(lines, "secrets-key") ?? "").match(/^[0-9a-f]{64}$/)?.[0] ?? newSecretsKey(),
    productUuid: (first(lines, "product-uuid") ?? "").toLowerCase().match(/^[0-9a-f-]{36}$/)?.[0] ?? "",
  };
}

/** Whether the output holds the beginning of facts at all. */
export const hasFacts = (stdout: string): boolean => /^facts=1$/m.test(stdout);

function readLines(stdout: string): Lines {
  const all = stdout.split("\n");
  const begin = all.indexOf("facts=1");
  const end = all.indexOf("end=1", begin);
  if (begin < 0 || end < 0) throw new Error(`its facts ${begin < 0 ? "do not begin" : "break off"}`);
  const lines = new Map<string, string[]>();
  for (const line of all.slice(begin + 1, end)) {
    const at = line.indexOf("=");
    const name = at < 0 ? line : line.slice(0, at);
    const value = at < 0 ? "" : line.slice(at + 1);
    const before = lines.get(name);
    // Never copied: there may be millions of one name.
    if (before === undefined) lines.set(name, [value]);
    else before.push(value);
  }
  return lines;
}

const first = (lines: Lines, name: string): string | undefined => lines.get(name)?.[0];

function matching(lines: Lines, name: string, pattern: RegExp): string {
  const value = first(lines, name) ?? "";
  if (!pattern.test(value)) throw new Error(`its fact ${name} is "${printable(value, 80)}", which cannot be`);
  return value;
}

function oneOf<T extends string>(lines: Lines, name: string, allowed: readonly T[]): T {
  const value = first(lines, name);
  const found = allowed.find((word) => word === value);
  if (found === undefined)
    throw new Error(
      `its fact ${name} is "${printable(value ?? "", 80)}", must be one of ${allowed.join(", ")}`,
    );
  return found;
}

function ports(lines: Lines): number[] {
  const seen = (lines.get("ssh-port") ?? [])
    .map(Number)
    .filter((port) => port > 0 && port < 65536 && port % 1 === 0);
  const all = [...new Set(seen)].sort((a, b) => a - b);
  if (all.length > portsLimit)
    throw new Error(`its sshd is said to listen on ${all.length} ports, at most ${portsLimit} can be`);
  return all;
}

/** Without the interface of a link-local one, and IPv4 as such where sshd listens on IPv6 for both. */
function address(lines: Lines): Pick<Facts, "sshAddress"> {
  const text = (first(lines, "ssh-address") ?? "").replace(/%.*$/, "").replace(/^::ffff:(?=[\d.]+$)/i, "");
  return isIP(text) === 0 ? {} : { sshAddress: text };
}

/** Seconds by which the node is ahead: only as far as the time between question and answer does not explain it. */
function clockOffset(clock: number, { sent, received }: FactsQuestion): number {
  if (clock > received) return Math.round(clock - received);
  // The node's clock was cut to whole seconds.
  return clock + 1 < sent ? Math.round(clock + 1 - sent) : 0;
}

function pods(lines: Lines): Pick<Facts, "pods"> {
  const match = /^(\d{1,6}) (\d{1,6}) (joined|alone) (systemd|cgroupfs|unknown)$/.exec(
    first(lines, "pods") ?? "",
  );
  if (match === null) return {};
  const [, count, containers, joined, driver] = match;
  return {
    pods: {
      count: Number(count),
      containers: Number(containers),
      joined: joined === "joined",
      ...(driver === "systemd" || driver === "cgroupfs" ? { cgroupDriver: driver } : {}),
    },
  };
}

function packages(lines: Lines, asked: readonly string[]): Facts["packages"] {
  const version = (name: string, what: "installed" | "candidate"): Record<string, string> => {
    const line = (lines.get(`package.${what}`) ?? []).find((text) => text.startsWith(`${name} `));
    const value = line?.slice(name.length + 1) ?? "";
    return /^[A-Za-z0-9.+:~^_-]{1,128}$/.test(value) ? { [what]: value } : {};
  };
  return Object.fromEntries(
    asked.map((name) => [name, { ...version(name, "installed"), ...version(name, "candidate") }]),
  );
}

function files(lines: Lines, { files: needed, glances = [] }: FactsQuestion): Facts["files"] {
  const answers = new Map(
    (lines.get("file") ?? []).map((line) => {
      const [number = "", state = "", base64 = ""] = line.split(" ");
      return [number, { state, base64 }] as const;
    }),
  );
  const bases = new Map(
    (lines.get("file-base") ?? []).flatMap((line) => {
      const match = /^(\d+) ([0-9a-f]{64}|absent)$/.exec(line);
      return match === null ? [] : [[match[1], { basedOn: match[2] ?? "" }] as const];
    }),
  );
  return Object.fromEntries(
    [...needed, ...glances].map((path, index) => {
      const read = index < needed.length ? file : glance;
      const found = read(path, answers.get(String(index + 1)));
      return [path, found && { ...found, ...bases.get(String(index + 1)) }];
    }),
  );
}

function file(path: string, answer: { state: string; base64: string } | undefined): Facts["files"][string] {
  if (answer?.state === "absent") return undefined;
  if (answer?.state === "other")
    throw new FactError(
      `its ${path} is not a regular file that can be read`,
      "Make it a file, or move it away.",
    );
  if (answer?.state !== "content") throw new Error(`it did not answer whether it has ${path}`);
  const bytes = Buffer.from(answer.base64, "base64");
  if (bytes.length > fileLimit)
    throw new FactError(
      `its ${path} is larger than ${fileLimit} bytes`,
      "Is it the file that is meant? Make it smaller, or move it away.",
    );
  return { sha256: createHash("sha256").update(bytes).digest("hex"), content: bytes.toString("utf8") };
}

function glance(...words: Parameters<typeof file>): ReturnType<typeof file> {
  try {
    return file(...words);
  } catch (cause) {
    if (cause instanceof FactError) return undefined;
    throw cause;
  }
}
