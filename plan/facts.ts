/** What the survey read on a node before anything was planned. Every field comes from `toolkit/facts.sh`. */
export interface Facts {
  /** `ID` of os-release, e.g. `debian`. */
  readonly osId: string;
  /** `VERSION_ID` of os-release, e.g. `12`; empty on rolling releases. */
  readonly osVersion: string;
  /** `ID_LIKE` of os-release, split. */
  readonly osLike: readonly string[];
  /** `PRETTY_NAME` of os-release, for people; `osId` and `osVersion` where there is none. */
  readonly osName: string;
  /** Machine architecture as `uname -m` says it, e.g. `x86_64`. */
  readonly architecture: string;
  /** Running kernel release. */
  readonly kernel: string;
  readonly packageManager: "apt" | "dnf" | "none";
  readonly init: "systemd" | "other";
  readonly cgroupVersion: 1 | 2;
  /** SELinux as the running kernel has it. */
  readonly selinux: "absent" | "disabled" | "permissive" | "enforcing";
  /** TCP ports on which sshd listens, beyond loopback; also those that systemd holds for it. In order. */
  readonly sshPorts: readonly number[];
  /** The node's own address that this session came to, behind whatever leads there; absent where it does not say. */
  readonly sshAddress?: string;
  /** Interface that carries SSH; empty where it could not be found. */
  readonly sshInterface: string;
  /** firewalld zone of the interface that carries SSH; its default zone where firewalld is not installed. */
  readonly sshZone: string;
  /**
   * Versions of packages that stages ask about: the installed one, and for a package that is not installed, what
   * the package manager would install. Neither where the node's package lists do not know the package.
   */
  readonly packages: Readonly<Record<string, { readonly installed?: string; readonly candidate?: string }>>;
  /** The few files that stages ask to read; `undefined` for a file that is not there. */
  readonly files: Readonly<Record<string, FileFacts | undefined>>;
  /** Seconds by which the node's clock is ahead of the operator's; 0 within the time that reading it took. */
  readonly clockOffset: number;
  /** The running time service's unit without `.service`; empty where none of the known ones runs. */
  readonly timeService: string;
  /** What shows that the node has run pods or containers; absent where nothing does. */
  readonly pods?: PodFacts;
  /** Whether NetworkManager runs. */
  readonly networkManager: boolean;
  /** What the node's secrets are compared with, see `plan/secrets.ts`; a new one where the node has none yet. */
  readonly secretsKey: string;
  readonly hostname: string;
  readonly machineId: string;
  /** Product UUID of the machine, in lower case; empty where it has none. */
  readonly productUuid: string;
}

/** Signs that a node has run pods or containers. */
export interface PodFacts {
  /** Pods that the kubelet keeps folders for. */
  readonly count: number;
  /** Running containers, of whatever runtime: process namespaces besides the machine's own. */
  readonly containers: number;
  /** The kubelet has credentials for a cluster. */
  readonly joined: boolean;
  /** The cgroup driver that the pods since the last boot were made with, as their control groups show it. */
  readonly cgroupDriver?: "systemd" | "cgroupfs";
}

/** A file as it is on the node. */
export interface FileFacts {
  readonly sha256: string;
  readonly content: string;
  /** What the content was merged from when it was last applied: a SHA-256, or `absent`. */
  readonly basedOn?: string;
}
