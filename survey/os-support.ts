import type { Facts } from "../plan/facts";
import { isOlder } from "../plan/version-order";

interface System {
  readonly name: string;
  readonly oldest: string;
  readonly packageManager: "apt" | "dnf";
}

/** Systems that nodeprep prepares, by `ID` of os-release, each with its oldest version. */
const supported: ReadonlyMap<string, System> = new Map([
  ["debian", { name: "Debian", oldest: "11", packageManager: "apt" }],
  ["ubuntu", { name: "Ubuntu", oldest: "20.04", packageManager: "apt" }],
  ["rocky", { name: "Rocky Linux", oldest: "8", packageManager: "dnf" }],
  ["almalinux", { name: "AlmaLinux", oldest: "8", packageManager: "dnf" }],
  ["rhel", { name: "Red Hat Enterprise Linux", oldest: "8", packageManager: "dnf" }],
  ["centos", { name: "CentOS Stream", oldest: "8", packageManager: "dnf" }],
  ["fedora", { name: "Fedora", oldest: "40", packageManager: "dnf" }],
]);

const list = [...supported.values()]
  .map(({ name, oldest }) => `${name} ${oldest}`)
  .join(", ")
  .replace(/, (?=[^,]*$)/, " and ");

/** What is used of a package manager, and what to do where it is not there. */
const managers: Readonly<
  Record<System["packageManager"], { readonly parts: string; readonly remedy: string }>
> = {
  apt: { parts: "apt-get and dpkg", remedy: "Reinstall the apt package." },
  dnf: {
    parts: "dnf and rpm",
    remedy:
      "nodeprep installs packages with dnf: systems that are updated as a whole (CoreOS, bootc) are not prepared.",
  },
};

/** Why the node's system cannot be prepared; `undefined` where it can. */
export function unsupported(
  facts: Pick<Facts, "osId" | "osVersion" | "osName" | "packageManager" | "init">,
): { readonly message: string; readonly remedy: string } | undefined {
  const remedy = `Install a supported system: ${list}, or later ones.`;
  const system = supported.get(facts.osId);
  if (system === undefined) return { message: `${facts.osName} (${facts.osId}) is not supported`, remedy };
  // a system without a version is a rolling one, newer than any
  if (isOlder(facts.osVersion, system.oldest))
    return {
      message: `${facts.osName} is not supported, the oldest is ${system.name} ${system.oldest}`,
      remedy,
    };
  return missingParts(facts, system);
}

function missingParts(
  { osName, packageManager, init }: Pick<Facts, "osName" | "packageManager" | "init">,
  system: System,
) {
  if (init !== "systemd")
    return {
      message: `${osName} runs there without systemd`,
      remedy: "nodeprep prepares machines that systemd runs.",
    };
  if (packageManager === system.packageManager) return undefined;
  const { parts, remedy } = managers[system.packageManager];
  const found = packageManager === "none" ? "" : `, but ${packageManager}`;
  return { message: `${osName} has no ${parts} there${found}`, remedy };
}
