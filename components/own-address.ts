import { holds, parseAddress, parseCidr } from "../config/cidr";
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
  const within = (networks: readonly string[]): string | undefined =>
    networks.find((text) => {
      const cidr = parseCidr(text);
      return cidr !== undefined && holds(cidr, address);
    });
  const [pods, services] = [within(podCidrs), within(serviceCidrs)];
  const own = `its own address ${address.toString()}, to which SSH comes,`;
  return [
    ...(pods === undefined
      ? []
      : [
          `${own} lies inside podCidr ${pods}: what pods send there stays in the pod network. Choose podCidr apart from ` +
            "the machines' networks, unless the network plugin gives pods addresses of those",
        ]),
    ...(services === undefined
      ? []
      : [
          `${own} lies inside serviceCidr ${services}: a service that gets this address hides the machine from pods. ` +
            "Choose serviceCidr apart from the machines' networks",
        ]),
  ];
}
