import type { Facts } from "../plan/facts";

interface System {
  readonly name: string;
  readonly oldest: string;
}

/** Systems that nodeprep prepares, by `ID` of os-release, each with its oldest version. */
const supported: ReadonlyMap<string, System> = new Map([
  ["debian", { name: "Debian", oldest: "11" }],
  ["ubuntu", { name: "Ubuntu", oldest: "20.04" }],
]);

/** Systems with dnf: planned for, not prepared by this version. */
const notYet: ReadonlyMap<string, System> = new Map([
  ["rocky", { name: "Rocky Linux", oldest: "8" }],
  ["rhel", { name: "Red Hat Enterprise Linux", oldest: "8" }],
  ["almalinux", { name: "AlmaLinux", oldest: "8" }],
  ["centos", { name: "CentOS Stream", oldest: "8" }],
  ["fedora", { name: "Fedora", oldest: "40" }],
]);

const list = [...supported.values()].map(({ name, oldest }) => `${name} ${oldest}`).join(" and ");

/** Why the node's system cannot be prepared; `undefined` where it can. */
export function unsupported(
  facts: Pick<Facts, "osId" | "osVersion" | "osName" | "packageManager" | "init">,
): { readonly message: string; readonly remedy: string } | undefined {
  const remedy = `Install a supported system: ${list}, or later ones.`;
  const later = notYet.get(facts.osId);
  if (later !== undefined) {
    const old = isOlder(facts.osVersion, later.oldest);
    const why = old
      ? `is too old, and ${later.name} is not supported by this version yet (from ${later.oldest} on, in a later one)`
      : `is not supported by this version yet`;
    return { message: `${facts.osName} ${why}`, remedy };
  }
  const system = supported.get(facts.osId);
  if (system === undefined) return { message: `${facts.osName} (${facts.osId}) is not supported`, remedy };
  if (isOlder(facts.osVersion, system.oldest))
    return {
      message: `${facts.osName} is not supported, the oldest is ${system.name} ${system.oldest}`,
      remedy,
    };
  return missingParts(facts);
}

function missingParts({ osName, packageManager, init }: Pick<Facts, "osName" | "packageManager" | "init">) {
  if (init !== "systemd")
    return {
      message: `${osName} runs there without systemd`,
      remedy: "nodeprep prepares machines that systemd runs.",
    };
  if (packageManager !== "apt")
    return { message: `${osName} has no apt-get and dpkg there`, remedy: "Reinstall the apt package." };
  return undefined;
}

/** Compares dotted numbers. A system without a version is a rolling one, newer than any. */
export function isOlder(version: string, oldest: string): boolean {
  if (!/^\d/.test(version)) return false;
  const theirs = version.split(".").map((part) => Number.parseInt(part, 10) || 0);
  for (const [index, part] of oldest.split(".").entries()) {
    const difference = (theirs[index] ?? 0) - Number(part);
    if (difference !== 0) return difference < 0;
  }
  return false;
}
