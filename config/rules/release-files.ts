import type { Path, Problem } from "../errors";
import type { Context } from "../findings";
import type { Architecture } from "../release-spec";
import { releasesOf, type NamedRelease } from "../releases";
import type { ClusterConfig, Draft } from "../schema";
import { expandHome, type FileFacts } from "../sources";

/** Releases that are pushed: their files are there, for each architecture that has a sum, and have that sum. */
export function checkReleaseFiles(cluster: Draft<ClusterConfig>, { problems, sources }: Context): void {
  for (const named of releasesOf(cluster)) {
    const { path, release, usualUrl } = named;
    if (release.file === undefined) continue;
    // the usual one is there by default
    if (release.url !== undefined && release.url !== usualUrl)
      problems.push({
        path: [...path, "url"],
        allowed: `goes without ${[...path, "file"].join(".")}, which is given too`,
        remedy: "remove one of the two",
      });
    const found = filesOf(named, sources.home).flatMap((one) =>
      problemsOf(named, one, sources.lookInto(one.file)),
    );
    problems.push(...found);
  }
}

/** A file, and what the configuration says of it. */
interface Given {
  readonly file: string;
  readonly architecture: Architecture;
  readonly sum: string;
}

function filesOf({ release }: NamedRelease, home: string): readonly Given[] {
  const { file, version, sha256 = {} } = release;
  // without its version, which is a mistake of its own, nobody knows which file is meant
  if (file === undefined || (version === undefined && file.includes("{version}"))) return [];
  const path = expandHome(file, home).replaceAll("{version}", version ?? "");
  return Object.entries(sha256).flatMap(([architecture, sum]) =>
    sum === undefined
      ? []
      : [{ file: path.replaceAll("{arch}", architecture), architecture: architecture as Architecture, sum }],
  );
}

function problemsOf(
  { path, isProgram }: NamedRelease,
  { file, architecture, sum }: Given,
  facts: FileFacts | { readonly error: string },
): readonly Problem[] {
  const sumAt: Path = [...path, "sha256", architecture];
  if ("error" in facts)
    return [
      {
        path: [...path, "file"],
        value: file,
        allowed: `${facts.error}, but ${sumAt.join(".")} is given`,
        remedy: "correct the path, which is taken from the folder of Pulumi.yaml, or remove the sum",
      },
    ];
  const kind = kindProblem(facts.architecture, isProgram ? architecture : undefined);
  if (kind !== undefined) return [{ path: [...path, "file"], value: file, ...kind }];
  if (facts.sha256 === sum) return [];
  return [otherSum(sumAt, sum, file, facts)];
}

/** A sum of the configuration, and the file that has another one. */
export const otherSum = (path: Path, sum: string, file: string, { sha256 }: FileFacts): Problem => ({
  path,
  value: sum,
  allowed: `is not the SHA-256 of ${file}, which is ${sha256}`,
  remedy: "get the file again, or correct the sum after looking it up at its publisher's",
});

/** An archive where a program must be, or the other way round: folders of downloads often have both. */
function kindProblem(
  found: Architecture | undefined,
  wanted: Architecture | undefined,
): Pick<Problem, "allowed" | "remedy"> | undefined {
  if (found === wanted) return undefined;
  if (wanted === undefined)
    return {
      allowed: "is a program, must be the archive that holds it",
      remedy: "put the tar.gz there, as its project publishes it",
    };
  return {
    allowed:
      found === undefined ? `is no program for Linux on ${wanted}` : `is for ${found}, must be for ${wanted}`,
    remedy: "put the program itself there",
  };
}
