import type { Facts } from "../plan/facts";
import { SurveyError } from "./errors";
import type { NodeSurvey, ReachedNode } from "./types";

type Identity = "productUuid" | "machineId" | "hostname";

interface Part {
  readonly what: string;
  readonly remedy: string;
}

/** What tells nodes apart, in the order in which it is to be mended: a machine-id may be made from the product UUID. */
const parts: Readonly<Record<Identity, Part>> = {
  productUuid: {
    what: "product UUID",
    remedy: "give one of the virtual machines a UUID of its own where it is defined, and start it again",
  },
  machineId: {
    what: "machine-id",
    remedy:
      "on one of them: rm -f /etc/machine-id /var/lib/dbus/machine-id; systemd-machine-id-setup; reboot (the same one gives the same DHCP lease and the same addresses of network cards)",
  },
  hostname: {
    what: "host name",
    remedy:
      "nodes register under it: hostnamectl set-hostname NEW-NAME on one of them, or hostNames: managed",
  },
};

/** UUIDs that makers of mainboards leave in place of one: they say nothing. */
const placeholders: ReadonlySet<string> = new Set([
  "00000000-0000-0000-0000-000000000000",
  "ffffffff-ffff-ffff-ffff-ffffffffffff",
  "03000200-0400-0500-0006-000700080009",
  "00020003-0004-0005-0006-000700080009",
  "12345678-1234-5678-90ab-cddeefaabbcc",
]);

/**
 * Refuses nodes that share what should tell them apart: clones of one machine, or one machine under two addresses.
 * Each of them becomes a node that could not be surveyed, with an error that names the others and what is the same.
 *
 * @param named nodes to which the program itself gives their name as host name: the one they have does not count
 */
export function refuseClones(
  surveys: readonly NodeSurvey[],
  named: ReadonlySet<string> = new Set(),
): NodeSurvey[] {
  const reached = surveys.filter((survey): survey is ReachedNode => survey.reachable);
  const nodesWith = new Map<string, string[]>();
  for (const survey of reached)
    for (const key of keysOf(survey, named)) nodesWith.set(key, [...(nodesWith.get(key) ?? []), survey.node]);
  return surveys.map((survey) => {
    if (!survey.reachable) return survey;
    const error = cloneError(survey, named, nodesWith);
    return error === undefined ? survey : { node: survey.node, reachable: false, error };
  });
}

const identities = Object.keys(parts) as readonly Identity[];

const keysOf = (survey: ReachedNode, named: ReadonlySet<string>): string[] =>
  identities.flatMap((part) => {
    const value = valueOf(part, survey, named);
    return value === undefined ? [] : [`${part} ${value}`];
  });

/** The value that counts; undefined where it is not known. */
function valueOf(part: Identity, survey: ReachedNode, named: ReadonlySet<string>): string | undefined {
  const facts: Pick<Facts, Identity> = survey.facts;
  const value = part === "hostname" && named.has(survey.node) ? survey.node : facts[part].toLowerCase();
  return value === "" || placeholders.has(value) ? undefined : value;
}

function cloneError(
  survey: ReachedNode,
  named: ReadonlySet<string>,
  nodesWith: ReadonlyMap<string, readonly string[]>,
): SurveyError | undefined {
  const shared = identities.flatMap((part) => {
    const value = valueOf(part, survey, named) ?? "";
    const others = (nodesWith.get(`${part} ${value}`) ?? []).filter((node) => node !== survey.node);
    return others.length === 0 ? [] : [{ ...parts[part], value, others }];
  });
  if (shared.length === 0) return undefined;
  const same = shared.map(({ what, value, others }) => `the same ${what} as ${list(others)} (${value})`);
  return new SurveyError(
    survey.node,
    "clone",
    `it has ${same.join(", ")}`,
    `If they are clones, ${shared.map(({ remedy }) => remedy).join("; ")}. If they are one machine under two names, remove one from nodes. Nothing was changed on any of them.`,
  );
}

/** The nodes by name; of many, the first few. */
const list = (nodes: readonly string[]): string =>
  nodes.length > 3 ? `${nodes.slice(0, 3).join(", ")} and ${nodes.length - 3} more` : nodes.join(" and ");
