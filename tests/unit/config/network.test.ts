import fc from "fast-check";
import { family, freeSubnet, holds, includes, overlaps, parseAddress, parseCidr } from "../../../config/cidr";
import { config, mistakes, node, type Mapping } from "./fixtures";

const subnets = (...podSubnets: readonly unknown[]): Mapping =>
  Object.fromEntries(
    podSubnets.map((podSubnet, at) => [`n${at}`, node({ host: `192.0.2.${at + 1}`, podSubnet })]),
  );

test.each<[Mapping, readonly string[]]>([
  [
    {
      podCidr: "10.200.0.0/16",
      serviceCidr: "10.32.0.0/24",
      nodes: subnets("10.200.0.0/24", "10.200.1.0/24"),
    },
    [],
  ],
  [
    {
      podCidr: "10.200.0.0/16,fd00::/48",
      serviceCidr: "10.32.0.0/24,fd01::/112",
      nodes: subnets("10.200.0.0/24,fd00::/64"),
    },
    [],
  ],
  [{ podCidr: ["fd00::/48"], serviceCidr: "fd01::/112", nodes: subnets(["fd00:0:0:7::/64"]) }, []],
  [
    { podCidr: "10.200.0.1/16" },
    ["podCidr: 10.200.0.1/16 is an address inside a network, not a network; write 10.200.0.0/16"],
  ],
  [{ podCidr: "10.200.0.0/33" }, ["podCidr: 10.200.0.0/33 must be a CIDR, or an IPv4 and an IPv6 CIDR"]],
  [
    { podCidr: "10.200.0.0/33", nodes: subnets("10.200.1.0/24") },
    ["podCidr: 10.200.0.0/33 must be a CIDR, or an IPv4 and an IPv6 CIDR"],
  ],
  [{ podCidr: "10.200/16" }, ["podCidr: 10.200/16 must be a CIDR"]],
  [{ podCidr: "127.0.0.0/8" }, ["podCidr: 127.0.0.0/8 is no network to take addresses from (loopback)"]],
  [{ podCidr: "0.0.0.0/0" }, ["podCidr: 0.0.0.0/0 is no network to take addresses from (everything)"]],
  [{ podCidr: "fe80::/64" }, ["podCidr: fe80::/64 is no network to take addresses from (linkLocal)"]],
  [
    { podCidr: "10.0.0.0/16,10.1.0.0/16" },
    ["podCidr: 10.0.0.0/16,10.1.0.0/16 must be one CIDR, or one IPv4 and one IPv6 CIDR"],
  ],
  [{ podCidr: [] }, ['podCidr: "an empty list" must be one CIDR']],
  [{ podCidr: 10 }, ["podCidr: 10 must be a CIDR"]],
  [
    { serviceCidr: "10.200.7.0/24" },
    ["serviceCidr: 10.200.7.0/24 overlaps podCidr 10.200.0.0/16; use a network apart"],
  ],
  [
    { serviceCidr: "fd01::/112" },
    [
      "serviceCidr: fd01::/112 is IPv6, but podCidr has no IPv6 network, so no pod could serve it; add one of IPv6",
    ],
  ],
  [
    { nodes: subnets("10.9.0.0/24") },
    [
      "nodes.n0.podSubnet: 10.9.0.0/24 lies outside podCidr 10.200.0.0/16; use a subnet of it, e.g. 10.200.1.0/24",
    ],
  ],
  [{ nodes: subnets("10.0.0.0/8") }, ["nodes.n0.podSubnet: 10.0.0.0/8 lies outside podCidr"]],
  [
    { nodes: subnets("fd00::/64") },
    [
      "nodes.n0.podSubnet: fd00::/64 lies outside podCidr 10.200.0.0/16; use a subnet of it, e.g. 10.200.1.0/24",
    ],
  ],
  [
    { nodes: subnets("10.200.1.0/24", "10.200.1.128/25") },
    [
      "nodes.n1.podSubnet: 10.200.1.128/25 overlaps the n0 node's podSubnet 10.200.1.0/24; give each node a subnet of its own, e.g. 10.200.2.0/24",
    ],
  ],
  [
    { podCidr: "10.200.0.0/24", nodes: subnets("10.200.0.0/24", "10.200.0.0/25") },
    ["overlaps the n0 node's podSubnet 10.200.0.0/24; give each node a subnet of its own"],
  ],
  [
    { nodes: { a: node({ host: "10.200.0.9" }) } },
    [
      "nodes.a.host: 10.200.0.9 lies inside podCidr 10.200.0.0/16, so pods could not reach the machine; choose podCidr apart",
    ],
  ],
  [
    { nodes: { a: node({ host: "10.32.0.9" }) } },
    ["nodes.a.host: 10.32.0.9 lies inside serviceCidr 10.32.0.0/24"],
  ],
])("%j", (changes, expected) => {
  const found = mistakes(config(changes));
  expect(found).toHaveLength(expected.length);
  for (const [index, text] of expected.entries()) expect(found[index]).toContain(text);
});

const ipv4 = fc.ipV4();
const ipv6 = fc.ipV6();
const cidr = fc.oneof(
  fc.tuple(ipv4, fc.integer({ min: 0, max: 32 })),
  fc.tuple(ipv6, fc.integer({ min: 0, max: 128 })),
);

describe("networks", () => {
  test("a canonical CIDR parses to itself, holds its first address and includes itself", () => {
    fc.assert(
      fc.property(cidr, ([address, prefix]) => {
        const parsed = parseCidr(`${address}/${prefix}`)!;
        expect(parseCidr(parsed.text)).toEqual(parsed);
        expect(holds(parsed, parseAddress(address)!)).toBe(true);
        expect(includes(parsed, parsed) && overlaps(parsed, parsed)).toBe(true);
      }),
    );
  });

  test("the subnet proposed lies inside and overlaps nothing taken", () => {
    fc.assert(
      fc.property(cidr, fc.array(cidr, { maxLength: 5 }), ([address, prefix], others) => {
        const outer = parseCidr(`${address}/${prefix}`)!;
        const taken = others.map(([a, p]) => parseCidr(`${a}/${p}`)!);
        const free = freeSubnet(outer, taken);
        if (free === undefined) return;
        const found = parseCidr(free)!;
        expect(includes(outer, found)).toBe(true);
        expect(taken.some((one) => overlaps(one, found))).toBe(false);
      }),
    );
  });

  test("a network without room proposes nothing", () => {
    const outer = parseCidr("10.0.0.0/24")!;
    expect(freeSubnet(outer, [outer])).toBeUndefined();
    expect(family(outer)).toBe("IPv4");
  });

  test("text that is no address or CIDR is none", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const parsed = parseCidr(text);
        if (parsed !== undefined) expect(text).toMatch(/^[0-9a-fA-F:.]+\/\d+$/);
      }),
    );
    expect(["10.1", "010.0.0.1", "0x7f.1", "fe80::1%eth0", ""].map(parseAddress)).toEqual(
      Array(5).fill(undefined),
    );
  });
});
