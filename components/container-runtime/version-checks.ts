import { compare } from "../../config/runc-versions";
import type { NodeContext } from "../../plan/stage";
import { minorRules, versionRules, type Program, type VersionRule } from "./versions";

/** What is installed, or will be, as the package manager or a release writes it. Absent: not known. */
export type Versions = Readonly<Partial<Record<Program, string | undefined>>>;

export interface VersionFindings {
  readonly refused: readonly string[];
  readonly warned: readonly string[];
}

/**
 * Looks versions up in the table. A sentence names the version, Kubernetes' and the one that would do.
 */
export function checkVersions(
  versions: Versions,
  { kubernetesVersion }: Pick<NodeContext, "kubernetesVersion">,
): VersionFindings {
  const minor = Number(kubernetesVersion.split(".")[1]);
  const found = versionRules.filter((rule) => applies(rule, versions, minor));
  const sentences = (verdict: VersionRule["verdict"]): readonly string[] =>
    found
      .filter((rule) => rule.verdict === verdict)
      .map(
        ({ program, below, because }) =>
          `${program} ${versions[program] ?? ""} ${because}; with Kubernetes ${kubernetesVersion} use ${program} ${below} or newer`,
      );
  const minors = minorFindings(versions, kubernetesVersion, minor);
  return {
    refused: [...sentences("refused"), ...minors.refused],
    warned: [...sentences("warned"), ...minors.warned],
  };
}

function minorFindings(versions: Versions, kubernetesVersion: string, minor: number): VersionFindings {
  const other = minorRules.flatMap(({ program, apart }) => {
    const version = versions[program];
    const own = Number(/^(?:\d+:)?v?1\.(\d+)/.exec(version ?? "")?.[1] ?? minor);
    const sentence = `${program} ${version ?? ""} is of another minor version than Kubernetes ${kubernetesVersion}, which it follows one by one; use ${program} 1.${minor}`;
    return own === minor ? [] : [{ sentence, isRefused: own < minor - apart }];
  });
  return {
    refused: other.filter(({ isRefused }) => isRefused).map(({ sentence }) => sentence),
    warned: other.filter(({ isRefused }) => !isRefused).map(({ sentence }) => sentence),
  };
}

/** Throws what is refused. */
export function refuseVersions(...words: Parameters<typeof checkVersions>): void {
  const { refused } = checkVersions(...words);
  if (refused.length > 0) throw new Error(refused.join("; "));
}

function applies(rule: VersionRule, versions: Versions, minor: number): boolean {
  const version = versions[rule.program];
  if (version === undefined || (rule.kubernetes !== undefined && minor < rule.kubernetes)) return false;
  const other = rule.besides && versions[rule.besides.program];
  if (rule.besides && (other === undefined || older(other, rule.besides.from))) return false;
  return older(version, rule.below) && (rule.from === undefined || !older(version, rule.from));
}

/** Whether `a` is older than `b`, by upstream's numbers; what has none is not. */
export const older = (a: string, b: string): boolean => /^(?:\d+:)?v?\d+\.\d/.test(a) && compare(a, b) < 0;
