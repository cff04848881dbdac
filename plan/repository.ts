import type { Facts } from "./facts";
import { file, writtenByNodeprep } from "./files";
import { pkg } from "./kinds";
import type { Requirement } from "./requirement";

/** Where packages are. */
export interface PackageSource {
  /** Base address, e.g. `https://download.docker.com/linux/debian`. For dnf it may hold `$releasever` and `$basearch`. */
  readonly url: string;
  /** apt's suite, e.g. `bookworm`, or a folder that ends with a slash (`./`). Not for dnf. */
  readonly suite?: string | undefined;
  /** apt's components, e.g. `stable`. None for a suite that is a folder. Not for dnf. */
  readonly components?: readonly string[] | undefined;
}

/** A repository of packages, and the key that it is signed with. */
export interface Repository extends PackageSource {
  /** The public key, in ASCII armor. */
  readonly key: string;
}

/**
 * The node's package manager knows the repository `name`, and takes from it only what is signed with its key. The
 * lists are fetched when a package is not found in those that are there.
 *
 * @throws Error on a node with another package manager than apt or dnf
 */
export function repository(name: string, from: Repository, facts: Facts): readonly Requirement[] {
  const { packageManager, osName } = facts;
  if (packageManager === "apt") return aptRepository(name, from, facts);
  if (packageManager === "dnf") return dnfRepository(name, from);
  throw new Error(
    `${osName} has no package manager that is supported (apt, dnf): the repository ${name} is of no use`,
  );
}

function aptRepository(name: string, from: Repository, facts: Facts): readonly Requirement[] {
  const keyFile = `/etc/apt/keyrings/nodeprep-${name}.asc`;
  const suite = from.suite ?? codename(facts);
  const { components = ["main"] } = from;
  const lines = [
    "Types: deb",
    `URIs: ${from.url}`,
    `Suites: ${suite}`,
    ...(suite.endsWith("/") ? [] : [`Components: ${components.join(" ")}`]),
    `Signed-By: ${keyFile}`,
  ];
  return [
    // apt does without certificates until a repository is reached over https; dnf brings them
    ...(from.url.startsWith("https:") ? [pkg("ca-certificates")] : []),
    file(keyFile, from.key),
    file(`/etc/apt/sources.list.d/nodeprep-${name}.sources`, `${writtenByNodeprep}${lines.join("\n")}\n`, {
      check: "apt_sources",
    }),
  ];
}

function dnfRepository(name: string, from: Repository): readonly Requirement[] {
  const keyFile = `/etc/pki/rpm-gpg/RPM-GPG-KEY-nodeprep-${name}`;
  const lines = [
    `[nodeprep-${name}]`,
    `name=${name}`,
    `baseurl=${from.url}`,
    "enabled=1",
    "gpgcheck=1",
    `gpgkey=file://${keyFile}`,
  ];
  return [
    file(keyFile, from.key),
    file(`/etc/yum.repos.d/nodeprep-${name}.repo`, `${writtenByNodeprep}${lines.join("\n")}\n`),
  ];
}

const codenames: Readonly<Record<string, string>> = {
  "debian 11": "bullseye",
  "debian 12": "bookworm",
  "debian 13": "trixie",
  "ubuntu 20.04": "focal",
  "ubuntu 22.04": "jammy",
  "ubuntu 24.04": "noble",
  "ubuntu 26.04": "resolute",
};

function codename({ osId, osVersion, osName }: Facts): string {
  const found = codenames[`${osId} ${osVersion}`];
  if (found === undefined)
    throw new Error(`the suite of a repository for ${osName} is not known: set runtime.repository.suite`);
  return found;
}
