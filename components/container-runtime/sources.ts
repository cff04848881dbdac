import type { Facts } from "../../plan/facts";
import { repository } from "../../plan/repository";
import type { Requirement } from "../../plan/requirement";
import type { ContainerRuntimeArgs } from "./types";

/** The repository that the runtime's packages come from, where it is not the distribution's. */
export function sourceRequirements(args: ContainerRuntimeArgs, facts: Facts): readonly Requirement[] {
  const { source, repository: given } = args;
  if (given === undefined) {
    if (source === "docker") throw new Error("runtime.source is docker, but runtime.repository has no key");
    return [];
  }
  const { url = source === "docker" ? dockerUrl(facts) : undefined, components } = given;
  if (url === undefined) throw new Error("runtime.repository.url is missing");
  const usual = source === "docker" && given.url === undefined ? ["stable"] : undefined;
  return repository("runtime", { ...given, url, components: components ?? usual }, facts);
}

/** Docker has a repository for each distribution; those that are rebuilt from RHEL take CentOS's. */
function dockerUrl({ osId, packageManager }: Facts): string {
  const base = "https://download.docker.com/linux";
  if (packageManager !== "dnf") return `${base}/${osId}`;
  return `${base}/${["fedora", "rhel"].includes(osId) ? osId : "centos"}/$releasever/$basearch/stable`;
}
