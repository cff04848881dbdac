import { expandHome } from "../sources";
import type { Path, Problem } from "../errors";
import { isBroken, type Context } from "../findings";
import { fingerprintsOf } from "../openpgp";
import { minorOf } from "../kubernetes-versions";
import type { ClusterConfig, Draft } from "../schema";
import { knownSources, needsOf, usualSource, type KnownSource } from "../schema/runtime-types";

type Cluster = Draft<ClusterConfig>;
type Runtime = NonNullable<Cluster["runtime"]>;

/** A repository of the configuration. */
export interface GivenRepository {
  /** Where it stands. */
  readonly at: Path;
  readonly repository: Runtime["repository"];
  readonly known: KnownSource | undefined;
}

const at: Path = ["runtime", "repository"];

/**
 * The runtime's repository has an address and a key, and the key is the right one.
 *
 * @returns the key's text; undefined where none is given, or what is given cannot be read
 */
export function resolveRepositoryKey(
  { runtime, kubernetesVersion }: Cluster,
  context: Context,
): string | undefined {
  if (runtime === undefined) return undefined;
  const { repository, type, source = usualSource(type) } = runtime;
  const known = knownSources.get(source ?? "");
  const key = repositoryKey({ at, repository, known }, context);
  if (repository?.url === undefined && !isBroken(context, [...at, "url"]))
    context.problems.push(...missingUrl(runtime, known, kubernetesVersion));
  return key;
}

/** The text of a repository's key, which is the right one; undefined where there is none, with the reason. */
export function repositoryKey(given: GivenRepository, context: Context): string | undefined {
  const { repository, known } = given;
  if (repository !== undefined) return checkedKey(given, repository, context);
  if (known !== undefined && !isBroken(context, given.at))
    context.problems.push(missing(given.at, "key", `${known.whose} repository is signed: name its key`));
  return undefined;
}

function missingUrl(
  { repository, type = "", version }: Runtime,
  known: KnownSource | undefined,
  kubernetesVersion: string | undefined,
): readonly Problem[] {
  if (known?.hasUrl !== true)
    return known === undefined && repository === undefined
      ? []
      : [missing(at, "url", "say where the packages are")];
  return tooOldForProject({
    at,
    of: type,
    oldestLine: needsOf(type).oldestLine,
    line: version ?? kubernetesVersion,
  });
}

/** A project's repositories begin with a minor version. */
export function tooOldForProject(project: {
  readonly at: Path;
  readonly of: string;
  readonly oldestLine: number | undefined;
  readonly line: string | undefined;
}): readonly Problem[] {
  const { of, oldestLine, line } = project;
  if (oldestLine === undefined || line === undefined || minorOf(line) >= oldestLine) return [];
  return [
    {
      path: [...project.at, "url"],
      allowed: `is missing: ${of} has repositories of its project from 1.${oldestLine} on, and none for ${line}`,
      remedy: "name a repository of your own that has it, or use a newer kubernetesVersion",
    },
  ];
}

const missing = (at: Path, name: string, why: string): Problem => ({
  path: [...at, name],
  allowed: "is missing",
  remedy: name === "key" ? `${why} with keyFile or key` : why,
});

type Repository = NonNullable<Runtime["repository"]>;

/** The key's text, from config or from the operator's file; undefined where there is none. */
function readKey(
  { key, keyFile }: Repository,
  { sources }: Pick<Context, "sources">,
): { readonly text: string } | { readonly error: string } | undefined {
  if (key !== undefined) return { text: key };
  return keyFile === undefined ? undefined : sources.readFile(expandHome(keyFile, sources.home));
}

function checkedKey(given: GivenRepository, repository: Repository, context: Context): string | undefined {
  const { problems } = context;
  const { key: text, keyFile } = repository;
  const path = [...given.at, keyFile === undefined ? "key" : "keyFile"];
  if (text !== undefined && keyFile !== undefined) {
    problems.push({ path: given.at, allowed: "has both key and keyFile", remedy: "remove one of them" });
    return undefined;
  }
  const found = readKey(repository, context);
  if (found === undefined) {
    problems.push(missing(given.at, "key", "packages are taken only with a signature: name the key"));
  } else if ("error" in found) {
    problems.push({ path, value: keyFile ?? "", allowed: found.error, remedy: "correct the path" });
  } else {
    problems.push(...keyProblems(repository, given.known, path, fingerprintsOf(found.text)));
    return found.text;
  }
  return undefined;
}

function keyProblems(
  repository: Repository,
  known: KnownSource | undefined,
  path: Path,
  fingerprints: readonly string[] | undefined,
): readonly Problem[] {
  if (fingerprints === undefined)
    return [
      {
        path,
        allowed: "holds no PGP public key in ASCII armor, or not that alone",
        remedy:
          "bring a binary one into that form with `gpg --no-default-keyring --keyring /path/to/the.gpg --armor --export` (an absolute path), or download the .asc",
      },
    ];
  const pinned = repository.fingerprint?.replaceAll(" ", "").toUpperCase();
  const allowed = pinned !== undefined ? [pinned] : repository.url === undefined ? (known?.keys ?? []) : [];
  // Each key of the file is trusted: a right one among them does not make the others right.
  const foreign = allowed.length === 0 ? [] : fingerprints.filter((one) => !allowed.includes(one));
  if (foreign.length === 0) return [];
  return [
    {
      path,
      value: foreign.join(", "),
      allowed: `is another key than ${allowed.join(" or ")}`,
      remedy:
        foreign.length < fingerprints.length
          ? "take it out of the file: packages that it has signed would be taken, too"
          : "get the right key, or correct fingerprint after looking it up at its publisher's",
    },
  ];
}
