import type { Path } from "../errors";
import type { Context } from "../findings";
import type { KubernetesProgram } from "../release-spec";
import { programPattern, releasesOf } from "../releases";
import type { ClusterConfig, Draft } from "../schema";

type Cluster = Draft<ClusterConfig>;

/** A sum, and the file that it is given for. */
interface Given {
  readonly path: Path;
  readonly sum: string;
  readonly url: string;
}

/**
 * One SHA-256 for two files: one of the two was copied and never corrected. Only a node that has neither file would find
 * out, while it downloads.
 */
export function checkSums(cluster: Cluster, { problems }: Context): void {
  const first = new Map<string, Given>();
  for (const given of sumsOf(cluster)) {
    const other = first.get(given.sum);
    if (other === undefined) first.set(given.sum, given);
    else if (other.url !== given.url)
      problems.push({
        path: given.path,
        value: given.sum,
        allowed: `is the SHA-256 of ${other.path.join(".")} too, and two files have two`,
        remedy: "look both up at their publishers'",
      });
  }
}

const sumsOf = (cluster: Cluster): readonly Given[] => [
  ...releasesOf(cluster).flatMap(({ path, release: { url, file, sha256 } }) =>
    ofFile([...path, "sha256"], file ?? url ?? "", sha256),
  ),
  ...programSums(cluster),
];

const programSums = ({ kubernetes }: Cluster): readonly Given[] =>
  Object.entries(kubernetes?.sha256 ?? {}).flatMap(([name, sums]) =>
    ofFile(
      ["kubernetes", "sha256", name],
      (
        programPattern(kubernetes?.files, name as KubernetesProgram) ??
        kubernetes?.url ??
        "{arch}/{name}"
      ).replaceAll("{name}", name),
      sums,
    ),
  );

type Sums = Readonly<Record<string, string | undefined>>;

/** A file for several architectures, whose URL has no {arch}, has one sum for all. */
const ofFile = (path: Path, url: string, sums: Sums = {}): readonly Given[] =>
  Object.entries(sums).flatMap(([arch, sum]) =>
    sum === undefined ? [] : [{ path: [...path, arch], sum, url: url.replaceAll("{arch}", arch) }],
  );
