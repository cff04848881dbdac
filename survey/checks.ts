import type { Facts } from "../plan/facts";
import type { NodeSurvey } from "./types";

/** A warning about one node. */
export interface SurveyWarning {
  readonly node: string;
  readonly text: string;
}

/** Seconds by which a node's clock may differ from the operator's. */
const clockTolerance = 5;

/** What is worth a warning on the nodes that were surveyed: clocks, and machines that look like clones. */
export function surveyWarnings(surveys: readonly NodeSurvey[]): SurveyWarning[] {
  const reached = surveys.flatMap((survey) => (survey.reachable ? [survey] : []));
  return [
    ...reached.flatMap(({ node, facts }) => clockWarning(facts).map((text) => ({ node, text }))),
    ...identityWarnings(reached),
  ];
}

/** Certificates and tokens fail between machines whose clocks disagree. */
export function clockWarning({
  clockOffset,
  timeService,
}: Pick<Facts, "clockOffset" | "timeService">): string[] {
  const off = Math.abs(clockOffset);
  if (off <= clockTolerance) return [];
  const remedy =
    timeService === ""
      ? "no time service runs there: install chrony or enable systemd-timesyncd"
      : `${timeService} runs there: check that it reaches its time servers, and this machine's own clock`;
  return [`its clock is ${off} s ${clockOffset > 0 ? "ahead of" : "behind"} this machine's; ${remedy}`];
}

type Identity = "hostname" | "machineId" | "productUuid";

const remedies: Readonly<Record<Identity, { readonly what: string; readonly remedy: string }>> = {
  hostname: {
    what: "host name",
    remedy: "nodes register under it: give each its own (hostnamectl set-hostname)",
  },
  machineId: {
    what: "machine-id",
    remedy:
      "cloned machines get the same DHCP lease and pod addresses: empty /etc/machine-id, run systemd-machine-id-setup, reboot",
  },
  productUuid: {
    what: "product UUID",
    remedy: "kubeadm expects them to differ: give the virtual machine its own UUID",
  },
};

/** Nodes that share what should tell them apart; one warning on each but the first. */
export function identityWarnings(
  nodes: readonly { readonly node: string; readonly facts: Pick<Facts, Identity> }[],
): SurveyWarning[] {
  return (Object.keys(remedies) as Identity[]).flatMap((part) => {
    const firstWith = new Map<string, string>();
    return nodes.flatMap(({ node, facts }) => {
      const value = facts[part];
      const other = firstWith.get(value);
      if (value === "") return [];
      if (other === undefined) firstWith.set(value, node);
      const { what, remedy } = remedies[part];
      return other === undefined
        ? []
        : [{ node, text: `has the same ${what} as ${other} (${value}); ${remedy}` }];
    });
  });
}
