import { followed } from "../plan/kinds";
import type { Requirement } from "../plan/requirement";

/**
 * What an apply does to services because a requirement of their stage changes: `; an update restarts containerd.service`.
 * Empty where nothing follows, and for services that differ themselves: those are started or mended anyway.
 *
 * @param name the requirement that is about to change, `kind:key`
 * @param differing all that are about to change
 */
export function consequence(
  name: string,
  requirements: readonly Requirement[],
  differing: ReadonlySet<string>,
): string {
  const services = requirements.filter(
    ({ kind, key, value }) =>
      kind === "service" && value.split(" ").includes("active") && !differing.has(`service:${key}`),
  );
  const unitsThat = (how: "restart" | "reload"): readonly string[] =>
    services.filter((service) => followed(service, how).includes(name)).map(({ key }) => key);
  const restarted = unitsThat("restart");
  const reloaded = unitsThat("reload").filter((unit) => !restarted.includes(unit));
  const parts = [
    ...(restarted.length === 0 ? [] : [`restarts ${restarted.join(" and ")}`]),
    ...(reloaded.length === 0 ? [] : [`reloads ${reloaded.join(" and ")}`]),
  ];
  return parts.length === 0 ? "" : `; an update ${parts.join(" and ")}`;
}
