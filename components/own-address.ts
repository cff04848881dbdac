import { holds, parseAddress, parseCidr } from "../config/cidr";
import type { Facts } from "../plan/facts";
import type { NodeContext } from "../plan/stage";

/**
 * Refuses a node whose own address is one of the pods' or services'. Where the node is reached by an address, the
 * configuration tells; by a name or through other machines, only the node does.
 *
 * @throws Error that names the address and the network
 */
export function refuseOwnAddress({ sshAddress }: Facts, { podCidrs, serviceCidrs = [] }: NodeContext): void {
  const address = parseAddress(sshAddress ?? "");
  if (address === undefined) return;
  const networks = [
    ...podCidrs.map((text) => ["podCidr", text] as const),
    ...serviceCidrs.map((text) => ["serviceCidr", text] as const),
  ];
  for (const [key, text] of networks) {
    const cidr = parseCidr(text);
    if (cidr === undefined || !holds(cidr, address)) continue;
    throw new Error(
      `its own address ${address.toString()} lies inside ${key} ${text}, so pods could not reach the machine: choose ` +
        `${key} apart from the machines' networks`,
    );
  }
}
