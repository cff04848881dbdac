import type { ConnectionSpec } from "../../../config/types";
import { Secret } from "../../../config/secret";
import { connectionArgs } from "../../../components/connection";
import type { PlannedStage, SurveyedNode } from "../../../components/surveyed-node";
import type { Facts } from "../../../plan/facts";
import type { NodeContext } from "../../../plan/stage";
import { SurveyError } from "../../../survey/errors";
import type { Difference, NodeSurvey } from "../../../survey/types";

export const context: NodeContext = {
  name: "node-0",
  role: "worker",
  kubernetesVersion: "1.34.2",
  podCidrs: ["10.200.0.0/16"],
  podSubnets: ["10.200.0.0/24"],
};

export const facts: Facts = {
  osId: "debian",
  osVersion: "12",
  osLike: [],
  osName: "Debian GNU/Linux 12 (bookworm)",
  architecture: "x86_64",
  kernel: "6.1.0-40-cloud-amd64",
  packageManager: "apt",
  init: "systemd",
  cgroupVersion: 2,
  selinux: "absent",
  sshPorts: [22],
  sshInterface: "eth0",
  sshZone: "public",
  packages: {},
  files: {},
  clockOffset: 0,
  timeService: "",
  hostname: "node-0",
  machineId: "0",
  productUuid: "",
  networkManager: false,
  secretsKey: "0".repeat(64),
};

/** Texts that may be nowhere but in a connection, as secrets. */
export const secrets = ["key-of-the-node", "word-of-the-bastion"] as const;

export const connection: ConnectionSpec = {
  host: "192.0.2.10",
  port: 22,
  user: "ops",
  hostKey: "ssh-ed25519 AAAA",
  auth: { method: "privateKey", privateKey: new Secret(secrets[0]) },
  bastion: {
    host: "198.51.100.1",
    port: 22,
    user: "jump",
    hostKey: "ssh-ed25519 BBBB",
    auth: { method: "password", password: new Secret(secrets[1]) },
  },
  dialTimeout: 20,
};

/** A difference as the survey reports it; its phrase holds what the node said. */
export const differs = (stage: string, name: string): Difference => ({
  stage,
  name,
  phrase: "is 0 $(reboot), must be 1",
  unrecorded: false,
});

/** What the survey found on a node with these stages. */
export const reached = (
  stages: readonly PlannedStage[],
  differences: readonly Difference[] = [],
): NodeSurvey => ({
  node: "node-0",
  reachable: true,
  facts,
  stages: stages.map(({ name, requirements }) => ({ name, requirements: requirements(facts, context) })),
  differences,
  applyId: "7f3a91c2",
  owner: "org/nodeprep/test/node-0",
});

export const unreached: NodeSurvey = {
  node: "node-0",
  reachable: false,
  error: new SurveyError("node-0", "timeout", "192.0.2.10:22 did not answer within 20 s", "Is it running?"),
};

/** A node as the survey hands it to the components. */
export const surveyed = (
  stages: readonly PlannedStage[],
  more: Partial<SurveyedNode> = {},
): SurveyedNode => ({
  context,
  owner: "org/nodeprep/test/node-0",
  connection: connectionArgs(connection),
  sudo: true,
  adopt: false,
  retire: "undo",
  undoWithPods: false,
  stages,
  survey: reached(stages),
  ...more,
});
