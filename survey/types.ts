import type { Facts } from "../plan/facts";
import type { Stage } from "../plan/requirement";
import type { SurveyError } from "./errors";

/** How to get into one machine. Plain texts, secrets included: never log one. */
export interface Endpoint {
  /** IP address (IPv6 without brackets) or DNS name. */
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** What there is of it is tried in this order: private key, agent, password. */
  readonly auth: {
    /** The private key's text. */
    readonly privateKey?: string;
    /** What the key is encrypted with, where it is. */
    readonly passphrase?: string;
    readonly agentSocket?: string;
    readonly password?: string;
  };
  /** The one accepted host key in the form of authorized_keys; absent only with `insecureIgnoreHostKey`. */
  readonly hostKey?: string | undefined;
  /** Seconds in which dialling, handshake and login must be done. */
  readonly dialTimeoutSeconds: number;
}

/** How to get into a node. */
export interface NodeConnection extends Endpoint {
  /** The machine to jump through; it has its own seconds. */
  readonly bastion?: Endpoint | undefined;
}

/** A node as the survey takes it. */
export interface SurveyTarget {
  readonly node: string;
  readonly connection: NodeConnection;
  /** `org/project/stack/node`: for whom the record on the node is kept. */
  readonly owner: string;
  /** Whether a record of another stack is fine, because the node is to be taken over from it. */
  readonly adopt: boolean;
  /** The program gives the machine the node's name as host name: the one that it has does not count. */
  readonly isNamed?: boolean;
  /** Seconds that the machine may need to boot: until then, it is asked again where its SSH does not answer. Default 0. */
  readonly bootsWithin?: number;
  /** Packages and files that the node's stages want to know as facts. */
  readonly packages: readonly string[];
  readonly files: readonly string[];
  /** Files that they only look at: one that cannot be read counts as absent. */
  readonly glances?: readonly string[];
}

/** One requirement that does not hold on a node, or that holds without being on record. */
export interface Difference {
  readonly stage: string;
  /** `kind:key`, always one that the plan stated. */
  readonly name: string;
  /** Completes the sentence "kind key …": `is 0, must be 1`. Printable, but the node's text: for people only. */
  readonly phrase: string;
  readonly unrecorded: boolean;
}

/** What `observe` found on a node. */
export interface Observation {
  /** In the order of the plan. */
  readonly differences: readonly Difference[];
  /** The random id of the last apply; absent where nothing was applied yet. */
  readonly applyId: string | undefined;
  /** Stages of which the node has nothing on record, whoever applied it: they are new there. Absent where none is. */
  readonly newStages?: readonly string[];
  /** Owner of the record, `org/project/stack/node`; absent where there is no record. */
  readonly owner: string | undefined;
  /** Version of the container runtime that the plan is about, as it says itself; absent where it is not installed. */
  readonly runtimeVersion?: string | undefined;
}

/** What the survey knows of a node that it has been to. */
export interface ReachedNode extends Observation {
  readonly node: string;
  readonly reachable: true;
  readonly facts: Facts;
  readonly stages: readonly Stage[];
}

/** A node that could not be surveyed, or whose stages could not be planned, and why. */
export interface UnreachedNode {
  readonly node: string;
  readonly reachable: false;
  readonly error: SurveyError;
}

export type NodeSurvey = ReachedNode | UnreachedNode;
