import * as pulumi from "@pulumi/pulumi";
import { runtimes } from "../components/container-runtime";
import { findVersions } from "../components/container-runtime/version-checks";
import { minimumSysctls, requiredSysctlsOf } from "../components/kernel-prereqs";
import { kubeProxySysctls } from "../components/kube-proxy";
import { formatProblems, rootKey, type Problem } from "./errors";
import { parseCluster } from "./load";
import { plainSecrets } from "./plain-secrets";
import { operatorSources } from "./sources";
import type { ClusterSpec } from "./types";

/**
 * The configuration has mistakes; the message lists all of them, one a line. A RunError, or Pulumi would show a stack trace
 * and the whole of this object with it.
 */
export class ConfigError extends pulumi.RunError {
  constructor(problems: readonly Problem[]) {
    super(formatProblems(problems));
    this.name = "ConfigError";
  }
}

/**
 * Reads `nodeprep:cluster` of the stack, logs the warnings and returns the cluster.
 *
 * With `secure:` values inside, Pulumi treats the whole mapping as one secret. It is read as plain data all the
 * same, because the survey needs it before any resource is declared; the secrets in it are at once kept in
 * `Secret`s, which print as `[secret]`, and must be given to resources through `pulumi.secret`.
 *
 * @throws ConfigError listing every mistake
 */
export async function loadCluster(): Promise<ClusterSpec> {
  const value = readConfig();
  const result = parseCluster(value, {
    ...operatorSources(),
    ...{ requiredSysctls: requiredSysctlsOf, kubeProxySysctls, minimumSysctls, runtimes, findVersions },
  });
  await Promise.all(result.warnings.map((warning) => pulumi.log.warn(warning)));
  const problems = [...(result.ok ? [] : result.problems), ...plainSecrets(value)];
  if (!result.ok || problems.length > 0) throw new ConfigError(problems);
  return result.cluster;
}

function readConfig(): unknown {
  const config = new pulumi.Config("nodeprep");
  try {
    return config.getObject<unknown>("cluster");
  } catch {
    // Pulumi's own error would print the value, secrets included
    const stack = pulumi.getStack();
    throw new ConfigError([
      {
        path: [],
        allowed: "is no mapping",
        remedy: `write it as YAML under \`${rootKey}:\` in Pulumi.${stack}.yaml, see Pulumi.prod.example.yaml`,
      },
    ]);
  }
}
