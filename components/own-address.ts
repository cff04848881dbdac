import { holds, parseAddress, parseCidr, type Address } from "../config/cidr";
import type { Facts } from "../plan/facts";
import type { NodeContext } from "../plan/stage";

/**
 * Warns of a node whose own address is one of the pods' or services'. Where the node is reached by an address, the
 * configuration tells, and is refused; by a name or through other machines, only the node does, and the address that SSH
 * comes to may be another than the one that the cluster uses.
 */
export function ownAddressWarnings(
  { sshAddress }: Facts,
  { podCidrs, serviceCidrs = [] }: NodeContext,
): readonly string[] {
  const address = parseAddress(sshAddress ?? "");
  if (address === undefined) return [];
  const warning = (key: string, cidrs: readonly string[], harm: string, unless = ""): readonly string[] =>
    cidrs
      .filter((text) => isWithin(text, address))
      .map(
        (cidr) =>
          `its own address ${address.toString()}, to which SSH comes, lies inside ${key} ${cidr}: ${harm}. ` +
          `Choose ${key} apart from the machines' networks${unless}`,
      );
  return [
    ...warning(
      "podCidr",
      podCidrs,
      "what pods send there stays in the pod network",
      ", unless the network plugin gives pods addresses of those",
    ),
    ...warning("serviceCidr", serviceCidrs, "a service that gets this address hides the machine from pods"),
  ];
}

function isWithin(text: string, address: Address): boolean {
  const cidr = parseCidr(text);
  return cidr !== undefined && holds(cidr, address);
}
