import { buildCluster } from "./build";
import { check } from "./check";
import { clusterConnection, nodeConnection } from "./connection";
import type { Problem } from "./errors";
import { newContext, type Context } from "./findings";
import { withMachines } from "./machines";
import { checkConsistency } from "./rules/consistency";
import { resolveApiAccess, resolveCredentials } from "./rules/credentials";
import { resolveKubernetesKey } from "./rules/kubernetes";
import { checkKubernetes } from "./rules/kubernetes-settings";
import { checkNodes } from "./rules/nodes";
import { resolveProgramFiles } from "./rules/program-files";
import { checkReleaseFiles } from "./rules/release-files";
import { resolveRepositoryKey } from "./rules/repository";
import { checkRuntime } from "./rules/runtime";
import { checkSums } from "./rules/sums";
import { checkSystem } from "./rules/system";
import { clusterSchema, type ClusterConfig, type Draft } from "./schema";
import type { Sources } from "./sources";
import type { ClusterSpec, ConnectionSpec } from "./types";

/** What came of a configuration: the cluster, or everything that is wrong with it. Warnings either way. */
export type Result =
  | { readonly ok: true; readonly cluster: ClusterSpec; readonly warnings: readonly string[] }
  | { readonly ok: false; readonly problems: readonly Problem[]; readonly warnings: readonly string[] };

/**
 * Checks the value of `nodeprep:cluster` and resolves what it refers to. All mistakes are found at once: what is
 * valid of a configuration with mistakes is checked further. Throws nothing; `sources` is all it reads.
 */
export function parseCluster(value: unknown, sources: Sources): Result {
  const context = newContext(sources);
  const { draft, problems } = check(clusterSchema, withMachines(value, context));
  context.problems.push(...problems);
  const cluster = (draft ?? {}) as Draft<ClusterConfig>;
  checkNodes(cluster, context);
  checkSystem(cluster, context);
  checkRuntime(cluster, context);
  checkSums(cluster, context);
  checkKubernetes(cluster, context);
  const keys = {
    runtime: resolveRepositoryKey(cluster, context),
    kubernetes: resolveKubernetesKey(cluster, context),
  };
  const programFiles = resolveProgramFiles(cluster, context);
  checkReleaseFiles(cluster, context);
  checkConsistency(cluster, context);
  const connections = resolveConnections(cluster, context);
  const credentials = {
    nodes: resolveCredentials(cluster, context),
    api: resolveApiAccess(cluster, context),
  };
  const { warnings } = context;
  if (context.problems.length > 0) return { ok: false, problems: context.problems, warnings };
  // without problems the draft is whole; parsing it again says so to the compiler
  return {
    ok: true,
    cluster: buildCluster(clusterSchema.parse(draft), whole(connections), credentials, {
      keys,
      programFiles,
      home: sources.home,
    }),
    warnings,
  };
}

type Connections = Readonly<Record<string, ConnectionSpec | undefined>>;

function resolveConnections(cluster: Draft<ClusterConfig>, context: Context): Connections {
  const shared = clusterConnection(cluster.ssh ?? {}, context);
  const nodes = Object.entries(cluster.nodes ?? {});
  return Object.fromEntries(
    nodes.map(([name, node]) => [name, nodeConnection(shared, name, node ?? {}, context)]),
  );
}

function whole(connections: Connections): Readonly<Record<string, ConnectionSpec>> {
  const entries = Object.entries(connections).flatMap(([name, connection]) =>
    connection === undefined ? [] : [[name, connection] as const],
  );
  return Object.fromEntries(entries);
}
