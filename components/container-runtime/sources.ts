import type { Facts } from "../../plan/facts";
import { repository, type PackageSource } from "../../plan/repository";
import type { Requirement } from "../../plan/requirement";
import type { ContainerRuntimeArgs } from "./types";

/** The repository that the runtime's packages come from, where it is not the distribution's. */
export function sourceRequirements(
  args: ContainerRuntimeArgs,
  usual: PackageSource | undefined,
  facts: Facts,
): readonly Requirement[] {
  const { source, repository: given } = args;
  const known = source === "docker" ? dockerRepository(facts) : usual;
  if (given === undefined) {
    if (known !== undefined)
      throw new Error(`runtime.source is ${source}, but runtime.repository has no key`);
    return [];
  }
  const { url = known?.url, suite = known?.suite, key } = given;
  if (url === undefined) throw new Error("runtime.repository.url is missing");
  const components = given.components ?? (given.url === undefined ? known?.components : undefined);
  return repository("runtime", { url, suite, components, key }, facts);
}

/** Docker has a repository for each distribution; those that are rebuilt from RHEL take CentOS's. */
function dockerRepository({ osId, packageManager }: Facts): PackageSource {
  const base = "https://download.docker.com/linux";
  if (packageManager !== "dnf") return { url: `${base}/${osId}`, components: ["stable"] };
  const folder = ["fedora", "rhel"].includes(osId) ? osId : "centos";
  return { url: `${base}/${folder}/$releasever/$basearch/stable` };
}
