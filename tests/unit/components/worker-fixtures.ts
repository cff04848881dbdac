import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { ClusterSpec } from "../../../config/types";
import { requirementName, type Requirement } from "../../../plan/requirement";
import * as pki from "../config/certificates";
import { cluster, config, node, sources, type Mapping } from "../config/fixtures";

export const golden = (name: string): string => readFileSync(join(__dirname, "golden", name), "utf8");

/** The content that requirements give a file. */
export const bodyOf = (requirements: readonly Requirement[], path: string): string =>
  `${requirements.find(({ key }) => key === path)?.body ?? "absent"}\n`;

export const names = (requirements: readonly Requirement[]): readonly string[] =>
  requirements.map(requirementName);

/** A cluster with a kubelet on its one worker. */
export const workerSpec = (
  changes: Mapping = {},
  files: Readonly<Record<string, string>> = {},
): ClusterSpec =>
  cluster(
    config({ kubelet: pki.kubelet, nodes: { "node-1": node({ podSubnet: "10.200.1.0/24" }) }, ...changes }),
    { ...sources({ ...pki.files, ...files }), now: pki.now },
  );
