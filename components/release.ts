import type { Architecture, KubernetesProgram, KubernetesSpec, ReleaseSpec, Sums } from "../config/types";
import { binary, type Source } from "../plan/downloads";
import type { Facts } from "../plan/facts";
import type { Requirement } from "../plan/requirement";

/** Architectures for which Kubernetes and its friends are published, under their names, by what `uname -m` says. */
const published: Readonly<Record<string, Architecture>> = {
  x86_64: "amd64",
  aarch64: "arm64",
  ppc64le: "ppc64le",
  s390x: "s390x",
};

/**
 * Where a release comes from for this node: it is downloaded, or pushed.
 *
 * @param key where it stands in the configuration, for errors
 * @throws Error where the architecture is unknown, or the configuration has no sum for it
 */
export function sourceOf(key: string, { version, url, file, sha256 }: ReleaseSpec, facts: Facts): Source {
  const architecture = architectureOf(facts);
  const proof = { sha256: sumOf(key, sha256, architecture), version };
  return file === undefined
    ? { url: filled(url, version, architecture), ...proof }
    : { file: filled(file, version, architecture), ...proof };
}

/** Where Kubernetes' own programs are installed. */
export const programPath = (name: KubernetesProgram): string => `/usr/local/bin/${name}`;

/**
 * A program of Kubernetes is in its place; nothing where the configuration has no sum of it.
 *
 * @throws Error like {@link sourceOf}
 */
export function programs(
  names: readonly KubernetesProgram[],
  kubernetes: KubernetesSpec | undefined,
  version: string,
  facts: Facts,
): readonly Requirement[] {
  return names.flatMap((name) => {
    const sums = kubernetes?.sha256[name];
    if (kubernetes === undefined || sums === undefined) return [];
    const key = kubernetes.files === undefined ? `kubernetes.sha256.${name}` : `kubernetes.files for ${name}`;
    const architecture = architectureOf(facts);
    const sha256 = sumOf(key, sums, architecture);
    const file = kubernetes.files?.[name]?.[architecture];
    const url = filled(kubernetes.url, version, architecture).replaceAll("{name}", name);
    const from = file === undefined ? { url } : { file };
    return [binary(programPath(name), { ...from, sha256, version })];
  });
}

const filled = (pattern: string, version: string, architecture: Architecture): string =>
  pattern.replaceAll("{version}", version).replaceAll("{arch}", architecture);

function architectureOf({ architecture }: Facts): Architecture {
  const name = published[architecture];
  if (name !== undefined) return name;
  throw new Error(
    `its architecture ${architecture} is none of ${Object.keys(published).join(", ")}, for which Kubernetes is published`,
  );
}

function sumOf(key: string, sums: Sums, name: Architecture): string {
  const sum = sums[name];
  if (sum !== undefined) return sum;
  const has = Object.keys(sums).join(", ") || "none";
  throw new Error(`${key} has no SHA-256 for ${name}, the node's architecture (it has ${has}): add it`);
}
