/** What the survey read on a node before anything was planned. Every field comes from `toolkit/facts.sh`. */
export interface Facts {
  /** `ID` of os-release, e.g. `debian`. */
  readonly osId: string;
  /** `VERSION_ID` of os-release, e.g. `12`; empty on rolling releases. */
  readonly osVersion: string;
  /** `ID_LIKE` of os-release, split. */
  readonly osLike: readonly string[];
  /** Machine architecture as `uname -m` says it, e.g. `x86_64`. */
  readonly architecture: string;
  /** Running kernel release. */
  readonly kernel: string;
  readonly packageManager: "apt" | "dnf" | "none";
  readonly init: "systemd" | "other";
  readonly cgroupVersion: 1 | 2;
  /** SELinux as the running kernel has it. */
  readonly selinux: "absent" | "disabled" | "permissive" | "enforcing";
  /** TCP ports on which sshd listens. */
  readonly sshPorts: readonly number[];
  /** firewalld zone of the interface that carries SSH; its default zone where firewalld is not installed. */
  readonly sshZone: string;
  /** Versions of packages that stages ask about: installed, and what the package manager would install. */
  readonly packages: Readonly<Record<string, { readonly installed?: string; readonly candidate?: string }>>;
  /** The few files that stages ask to read; `undefined` for a file that is not there. */
  readonly files: Readonly<Record<string, { readonly sha256: string; readonly content: string } | undefined>>;
  /** Seconds by which the node's clock is ahead of the operator's. */
  readonly clockOffset: number;
  readonly hostname: string;
  readonly machineId: string;
}
