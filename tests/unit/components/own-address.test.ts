import { refuseOwnAddress } from "../../../components/own-address";
import { context, facts } from "./fixtures";

const look = (sshAddress?: string) => () =>
  refuseOwnAddress(
    { ...facts, ...(sshAddress === undefined ? {} : { sshAddress }) },
    { ...context, podCidrs: ["10.200.0.0/16", "fd00:200::/48"], serviceCidrs: ["10.32.0.0/24"] },
  );

test.each([
  ["10.200.3.4", "podCidr 10.200.0.0/16"],
  ["fd00:200::7", "podCidr fd00:200::/48"],
  ["10.32.0.9", "serviceCidr 10.32.0.0/24"],
])("a node with the address %s inside %s is refused", (address, network) =>
  expect(look(address)).toThrow(
    `its own address ${address} lies inside ${network}, so pods could not reach the machine: choose ${network.split(" ")[0]} apart`,
  ),
);

test.each([undefined, "192.0.2.10", "2001:db8::7", "fe80::1"])("one with %s is not", (address) =>
  expect(look(address)).not.toThrow(),
);
