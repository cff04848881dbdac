import type { Facts } from "../../plan/facts";
import { repository, type PackageSource } from "../../plan/repository";
import type { Requirement } from "../../plan/requirement";
import { dockerRepository } from "./docker-repository";
import type { ContainerRuntimeArgs, RuntimeSource } from "./types";

/** Those that more than one runtime can come from. */
const repositories: Readonly<Partial<Record<RuntimeSource, (facts: Facts) => PackageSource>>> = {
  docker: dockerRepository,
};

/** The repository that the runtime's packages come from, where it is not the distribution's. */
export function sourceRequirements(
  args: ContainerRuntimeArgs,
  usual: PackageSource | undefined,
  facts: Facts,
): readonly Requirement[] {
  const { source, repository: given } = args;
  const known = repositories[source]?.(facts) ?? usual;
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
