import { expandHome } from "../sources";
import type { Path, Problem } from "../errors";
import { isBroken, type Context } from "../findings";
import { fingerprintsOf } from "../openpgp";
import type { ClusterConfig, Draft } from "../schema";

/** Docker's keys: that of its apt repositories and that of its rpm repositories, as docs.docker.com names them. */
const dockerKeys = ["9DC858229FC7DD38854AE2D88D81803C0EBFCD88", "060A61C51B558A7F742B77AAC52FEB6B621E9F35"];

type Runtime = NonNullable<Draft<ClusterConfig>["runtime"]>;

const at: Path = ["runtime", "repository"];

/** The repository has an address and a key, and the key is the right one. */
export function checkRepository({ runtime }: Draft<ClusterConfig>, context: Context): void {
  if (runtime === undefined) return;
  const { repository, source } = runtime;
  if (repository === undefined) {
    if (source === "docker")
      context.problems.push(missing("key", "Docker's repository is signed: name its key"));
    return;
  }
  if (repository.url === undefined && source !== "docker" && !isBroken(context, [...at, "url"]))
    context.problems.push(missing("url", "say where the packages are"));
  checkKey(runtime, context);
}

const missing = (name: string, why: string): Problem => ({
  path: [...at, name],
  allowed: "is missing",
  remedy: name === "key" ? `${why} with keyFile or key` : why,
});

/** The key's text, from config or from the operator's file; undefined where there is none. */
export function repositoryKey(
  { repository }: Runtime,
  { sources }: Pick<Context, "sources">,
): { readonly text: string } | { readonly error: string } | undefined {
  if (repository?.key !== undefined) return { text: repository.key };
  if (repository?.keyFile === undefined) return undefined;
  return sources.readFile(expandHome(repository.keyFile, sources.home));
}

function checkKey(runtime: Runtime, context: Context): void {
  const { problems } = context;
  const { key: text, keyFile } = runtime.repository ?? {};
  const path = [...at, keyFile === undefined ? "key" : "keyFile"];
  if (text !== undefined && keyFile !== undefined) {
    problems.push({ path: at, allowed: "has both key and keyFile", remedy: "remove one of them" });
    return;
  }
  const found = repositoryKey(runtime, context);
  if (found === undefined) {
    problems.push(missing("key", "packages are taken only with a signature: name the key"));
  } else if ("error" in found) {
    problems.push({ path, value: keyFile ?? "", allowed: found.error, remedy: "correct the path" });
  } else {
    problems.push(...keyProblems(runtime, path, fingerprintsOf(found.text)));
  }
}

function keyProblems(
  { repository, source }: Runtime,
  path: Path,
  fingerprints: readonly string[] | undefined,
): readonly Problem[] {
  if (fingerprints === undefined)
    return [
      {
        path,
        allowed: "holds no PGP public key in ASCII armor",
        remedy: "bring a binary one into that form with `gpg --enarmor`, or download the .asc",
      },
    ];
  const pinned = repository?.fingerprint?.replaceAll(" ", "").toUpperCase();
  const allowed =
    pinned !== undefined ? [pinned] : source === "docker" && repository?.url === undefined ? dockerKeys : [];
  if (allowed.length === 0 || fingerprints.some((fingerprint) => allowed.includes(fingerprint))) return [];
  return [
    {
      path,
      value: fingerprints.join(", "),
      allowed: `is another key than ${allowed.join(" or ")}`,
      remedy: "get the right key, or correct fingerprint after looking it up at its publisher's",
    },
  ];
}
