import { ownAddressWarnings } from "../../../components/own-address";
import { context, facts } from "./fixtures";

const warnings = (sshAddress?: string) =>
  ownAddressWarnings(
    { ...facts, ...(sshAddress === undefined ? {} : { sshAddress }) },
    { ...context, podCidrs: ["10.200.0.0/16", "fd00:200::/48"], serviceCidrs: ["10.32.0.0/24"] },
  );

test.each([
  [
    "10.200.3.4",
    "podCidr 10.200.0.0/16: what pods send there stays in the pod network. Choose podCidr apart",
  ],
  [
    "fd00:200::7",
    "podCidr fd00:200::/48: what pods send there stays in the pod network. Choose podCidr apart",
  ],
  ["10.32.0.9", "serviceCidr 10.32.0.0/24: a service that gets this address hides the machine from pods."],
])("a node with the address %s inside %s", (address, network) =>
  expect(warnings(address)).toEqual([
    expect.stringContaining(`its own address ${address}, to which SSH comes, lies inside ${network}`),
  ]),
);

test.each([undefined, "192.0.2.10", "2001:db8::7", "fe80::1"])("one with %s is not warned of", (address) =>
  expect(warnings(address)).toEqual([]),
);
