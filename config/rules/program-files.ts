import type { Path, Problem } from "../errors";
import { isBroken, type Context } from "../findings";
import {
  architectures,
  kubernetesPrograms as programs,
  type Architecture,
  type KubernetesProgram,
  type KubernetesSpec,
} from "../release-spec";
import { programPattern, type ProgramPatterns } from "../releases";
import type { ClusterConfig, Draft } from "../schema";
import { expandHome, type FileFacts } from "../sources";
import { otherSum } from "./release-files";

type Cluster = Draft<ClusterConfig>;

/** Programs on the operator's machine, with their sums. */
export type ProgramFiles = Required<Pick<KubernetesSpec, "sha256" | "files">>;

/** A program that was found. */
interface Found {
  readonly name: KubernetesProgram;
  readonly architecture: Architecture;
  readonly file: string;
  readonly sha256: string;
}

const at: Path = ["kubernetes", "files"];

/**
 * The programs that `kubernetes.files` has, each with the sum that the configuration has for it.
 *
 * @returns undefined where there is no such key, or nothing that can be used
 */
export function resolveProgramFiles(cluster: Cluster, context: Context): ProgramFiles | undefined {
  const { kubernetes } = cluster;
  if (kubernetes?.files === undefined || kubernetes.source === "packages") return undefined;
  if (kubernetes.url !== undefined)
    context.problems.push({
      path: ["kubernetes", "url"],
      allowed: "goes without kubernetes.files, which is given too",
      remedy: "remove one of the two",
    });
  const before = context.problems.length;
  const found = programs.flatMap((name) => find(name, cluster, context));
  if (context.problems.length === before && !isBroken(context, at)) {
    const lacking = [...absent(kubernetes.files, found), ...twice(found)];
    context.problems.push(...(lacking.length > 0 ? lacking : missing(cluster, found)));
  }
  return { sha256: byName(found, "sha256"), files: byName(found, "file") };
}

/** One path for all: something must be there. A path of a program's own: it must be there. */
function absent(files: ProgramPatterns, found: readonly Found[]): readonly Problem[] {
  const remedy = "correct the path; it is taken from the folder of Pulumi.yaml";
  if (found.length === 0 && (typeof files === "string" || Object.keys(files).length === 0)) {
    const allowed = `names no file that is there, of ${programs.join(", ")}`;
    return [{ path: at, ...(typeof files === "string" ? { value: files } : {}), allowed, remedy }];
  }
  if (typeof files === "string") return [];
  return programs.flatMap((name) => {
    const value = files[name];
    if (value === undefined || found.some((one) => one.name === name)) return [];
    return [{ path: [...at, name], value, allowed: "names no file that is there", remedy }];
  });
}

/** One file for two programs: a line was copied and never corrected. */
const twice = (found: readonly Found[]): readonly Problem[] =>
  found.flatMap(({ name, file }, index) => {
    const other = found.slice(0, index).find((one) => one.file === file);
    if (other === undefined) return [];
    const allowed = `is given for ${other.name} too, and two programs are two files`;
    return [{ path: [...at, name], value: file, allowed, remedy: "correct one of the two paths" }];
  });

function find(name: KubernetesProgram, cluster: Cluster, context: Context): readonly Found[] {
  const { kubernetesVersion = "", kubernetes } = cluster;
  const pattern = programPattern(kubernetes?.files, name);
  if (pattern === undefined) return [];
  const { sources } = context;
  const keyPath = typeof kubernetes?.files === "string" ? at : [...at, name];
  const path = expandHome(pattern, sources.home)
    .replaceAll("{version}", kubernetesVersion)
    .replaceAll("{name}", name);
  return placesOf(path).flatMap(({ file, wanted }) => {
    const facts = sources.lookInto(file);
    if ("error" in facts && facts.error === "does not exist") return [];
    const architecture = "error" in facts ? undefined : facts.architecture;
    const problem = problemOf(facts, architecture, wanted);
    if (problem !== undefined) context.problems.push({ path: keyPath, value: file, ...problem });
    if ("error" in facts || problem !== undefined || architecture === undefined) return [];
    const given = kubernetes?.sha256?.[name]?.[architecture];
    if (given !== undefined && given !== facts.sha256)
      context.problems.push(otherSum(["kubernetes", "sha256", name, architecture], given, file, facts));
    return [{ name, architecture, file, sha256: facts.sha256 }];
  });
}

/** Where a program may be, and for which architecture it must be there. */
const placesOf = (
  path: string,
): readonly { readonly file: string; readonly wanted: Architecture | undefined }[] =>
  path.includes("{arch}")
    ? architectures.map((wanted) => ({ file: path.replaceAll("{arch}", wanted), wanted }))
    : [{ file: path, wanted: undefined }];

function problemOf(
  facts: FileFacts | { readonly error: string },
  architecture: Architecture | undefined,
  wanted: Architecture | undefined,
): Pick<Problem, "allowed" | "remedy"> | undefined {
  if ("error" in facts) return { allowed: facts.error, remedy: "correct the path" };
  if (architecture === undefined)
    return {
      allowed: `is no program for Linux on ${architectures.join(", ")}`,
      remedy: "put the program itself there, not an archive or a page that says why it cannot be had",
    };
  if (wanted === undefined || wanted === architecture) return undefined;
  return { allowed: `is for ${architecture}, must be for ${wanted}`, remedy: "put the right one there" };
}

/** Sums of files that are not there. */
function missing({ kubernetes }: Cluster, found: readonly Found[]): readonly Problem[] {
  return programs.flatMap((name) =>
    Object.keys(kubernetes?.sha256?.[name] ?? {})
      .filter((one) => !found.some((file) => file.name === name && file.architecture === one))
      .map((one) => ({
        path: ["kubernetes", "sha256", name, one],
        allowed: `is given, but kubernetes.files has no ${name} for ${one}`,
        remedy: "put it there, or remove the sum",
      })),
  );
}

type Part = "file" | "sha256";
type ByName = Readonly<Partial<Record<KubernetesProgram, Readonly<Partial<Record<Architecture, string>>>>>>;

function byName(found: readonly Found[], part: Part): ByName {
  const names = new Set(found.map(({ name }) => name));
  return Object.fromEntries(
    [...names].map((name) => [
      name,
      Object.fromEntries(
        found.filter((one) => one.name === name).map((one) => [one.architecture, one[part]]),
      ),
    ]),
  );
}
