import { minorOf } from "../../config/kubernetes-versions";
import type { NodeContext } from "../../plan/stage";
import { isOlder } from "../../plan/version-order";
import { minorRules, versionRules, type Program, type VersionRule } from "./versions";

/** What is installed, or will be, as the package manager or a release writes it. Absent: not known. */
export type Versions = Readonly<Partial<Record<Program, string | undefined>>>;

export interface VersionFindings {
  readonly refused: readonly string[];
  readonly warned: readonly string[];
}

/** What the table has against one version. */
export interface VersionFinding {
  readonly program: Program;
  readonly verdict: "refused" | "warned";
  /** Completes "docker 18.06.1 …". */
  readonly fault: string;
  /** What would do. */
  readonly remedy: string;
}

type Use = Pick<NodeContext, "kubernetesVersion">;

/** Looks versions up in the table. */
export function findVersions(versions: Versions, { kubernetesVersion }: Use): readonly VersionFinding[] {
  const minor = minorOf(kubernetesVersion);
  const found = versionRules.filter((rule) => applies(rule, versions, minor));
  return [
    ...found.map(({ program, verdict, because, below, use }) => ({
      ...{ program, verdict, fault: because },
      remedy: `with Kubernetes ${kubernetesVersion} use ${program} ${use ?? `${below} or newer`}`,
    })),
    ...minorFindings(versions, kubernetesVersion, minor),
  ];
}

/** The same in sentences: one names the version, Kubernetes' and the one that would do. */
export function checkVersions(versions: Versions, use: Use): VersionFindings {
  const all = findVersions(versions, use);
  const sentences = (wanted: VersionFinding["verdict"]): readonly string[] =>
    all
      .filter(({ verdict }) => verdict === wanted)
      .map(({ program, fault, remedy }) => `${program} ${versions[program] ?? ""} ${fault}; ${remedy}`);
  return { refused: sentences("refused"), warned: sentences("warned") };
}

function minorFindings(
  versions: Versions,
  kubernetesVersion: string,
  minor: number,
): readonly VersionFinding[] {
  return minorRules.flatMap(({ program, apart }) => {
    const own = Number(/^(?:\d+:)?v?1\.(\d+)/.exec(versions[program] ?? "")?.[1] ?? minor);
    const fault = `is of another minor version than Kubernetes ${kubernetesVersion}, which it follows one by one`;
    const verdict = own < minor - apart ? "refused" : "warned";
    return own === minor ? [] : [{ program, verdict, fault, remedy: `use ${program} 1.${minor}` }];
  });
}

/** Throws what is refused. */
export function refuseVersions(...words: Parameters<typeof checkVersions>): void {
  const { refused } = checkVersions(...words);
  if (refused.length > 0) throw new Error(refused.join("; "));
}

function applies(rule: VersionRule, versions: Versions, minor: number): boolean {
  const version = versions[rule.program];
  const { kubernetes = 0, kubernetesBelow = Infinity } = rule;
  if (version === undefined || minor < kubernetes || minor >= kubernetesBelow) return false;
  const other = rule.besides && versions[rule.besides.program];
  if (rule.besides && (other === undefined || isOlder(other, rule.besides.from))) return false;
  return isIn(version, rule);
}

const isIn = (version: string, { from, below }: VersionRule): boolean =>
  (below === undefined ? isNumbered(version) : isOlder(version, below)) &&
  (from === undefined || !isOlder(version, from));

const isNumbered = (version: string): boolean => /^(?:\d+:)?v?\d+\.\d/.test(version);
