import { compare, fingerprint } from "./support/fingerprint";
import { leave, type TestMachine } from "./support/machine";
import { usedMachine } from "./support/used-machine";
import { fromNodeToPod } from "./support/pod";
import { preparedConfig } from "./support/prepared-cluster";
import { prepared } from "./support/prepared";
import { Stack } from "./support/stack";

/** What the machine's owner had before, and has while it is prepared. */
const kept: readonly (readonly [command: string, answer: string])[] = [
  ["ss -Hltn 'sport = :22' | wc -l", "0"],
  // firewalld may have it in a range by now.
  ["firewall-cmd --zone=public --query-port=31000/tcp", "yes"],
  // One answer a side for the rest: each firewall-cmd takes an emulated machine five seconds.
  [
    `firewall-cmd --list-all-zones | awk '
      /^[^ \t]/ { zone = $1 }
      zone == "public" && $1 == "ports:" { for (i = 2; i <= NF; i++) if ($i ~ /^(2222|8443)\\/tcp$/) print zone, $i }
      zone == "public" && $1 == "rule" || zone == "work" && $1 == "sources:" { $1 = zone; print }' | sort`,
    [
      ...["2222/tcp", "8443/tcp", 'family="ipv4" source address="198.51.100.77" drop'].map(
        (rest) => `public ${rest}`,
      ),
      "work 192.0.2.0/24",
    ].join("\n"),
  ],
  [
    `firewall-cmd --permanent --list-all-zones | awk '
      /^[^ \t]/ { zone = $1 }
      zone == "public" && $1 == "services:" { print (/ ssh( |$)/ ? "ssh" : "no ssh") }
      zone == "work" && $1 == "services:" { $1 = zone; print }'`,
    "ssh\nwork dhcpv6-client http ssh",
  ],
  // Prohibited by the machine itself: no packet leaves.
  ["timeout 20 bash -c '</dev/tcp/203.0.113.1/80' 2>&1 | grep -om1 'No route to host'", "No route to host"],
  ["containerd config dump | grep -c 'config_path = \"/etc/containerd/certs.d\"'", "1"],
  ["cat /etc/containerd/certs.d/registry.example/hosts.toml", 'server = "https://mirror.example"'],
];

/**
 * The machine as it is, but for chains that nothing leads to any more (a rule that did would differ): firewalld makes
 * those of a zone when that is first used, and takes them away only when it is restarted or reloaded, which would flush
 * everybody else's rules.
 */
const withoutIdleChains = (text: string): string =>
  text.replace(/^nft \tchain \w+_trusted(_(pre|log|deny|allow|post))? \{\n(nft \t\t.*\n)*nft \t\}\n/gm, "");

/** A machine on which firewalld, containerd and sshd already do their owner's work. */
describe("one machine that was not bare", () => {
  let machine: TestMachine;
  let stack: Stack;
  let found: string;
  let foundPorts: string;
  const ports = async () =>
    (await machine.sh("firewall-cmd --permanent --zone=public --list-ports"))
      .trim()
      .split(" ")
      .sort()
      .join(" ");

  beforeAll(async () => {
    machine = await usedMachine();
    found = await fingerprint(machine);
    foundPorts = await ports();
    stack = await Stack.create(preparedConfig(machine));
  });
  afterAll(() => leave(stack, machine));

  it("is prepared", async () => {
    await stack.up();
    expect(await prepared(machine)).toEqual([]);
    await stack.expectNoChanges();
  });

  it("still does what its owner wants", async () => {
    for (const [command, answer] of kept)
      expect([command, (await machine.sh(command)).trim()]).toEqual([command, answer]);
  });

  it("lets other nodes reach its pods behind a bridge", async () => {
    expect(await fromNodeToPod(machine)).toBe("reached from 198.51.100.2");
  });

  it("is given back as it was found, but for a port that its owner has opened meanwhile", async () => {
    const both = (words: string) =>
      machine.sh(`for side in '' --permanent; do firewall-cmd $side --zone=public ${words}=9999/tcp; done`);
    await both("--add-port");
    await stack.destroy();
    const theirs = /9999|etc\/firewalld\/zones\/public\.xml/;
    const differences = compare(found, withoutIdleChains(await fingerprint(machine)));
    expect(differences.filter((line) => !theirs.test(line))).toEqual([]);
    expect(await both("--query-port")).toBe("yes\nyes\n");
    await both("--remove-port");
    expect(await ports()).toBe(foundPorts);
  });
});
