import { hostNames } from "../../../components/host-names";
import { stagesOf } from "../../../components/stages";
import { encodeRequirements } from "../../../plan/requirement";
import { cluster, config, node } from "../config/fixtures";
import { context, facts } from "./fixtures";

type Names = Readonly<Record<string, string>>;
const plan = (hosts: Names, fqdns?: Names): string =>
  encodeRequirements(hostNames.requirements({ hosts, ...(fqdns && { fqdns }) }, facts, context));

describe("the host-names stage", () => {
  it("names the machine after the node, now and at boot, and all nodes in /etc/hosts", () => {
    const text = plan({ "node-0": "192.0.2.10", "node-1": "2001:db8::11", "node-2": "node-2.example.org" });
    expect(text).toContain("file /etc/hostname ");
    expect(text).toContain("sysctl kernel.hostname = node-0\n");
    expect(text).toContain("  |kernel.hostname = node-0\n");
    expect(text).toContain("block /etc/hosts present\n  |192.0.2.10 node-0\n  |2001:db8::11 node-1\n");
    expect(text).not.toContain("node-2");
  });

  it.each(["node-0.example.org", "127.0.0.1"])("lets a node that is reached at %s find itself", (host) =>
    expect(plan({ "node-0": host, "node-1": "192.0.2.11" })).toContain(
      "block /etc/hosts present\n  |127.0.1.1 node-0\n  |192.0.2.11 node-1\n",
    ),
  );

  it("has full names first, on the node's own line too", () => {
    const fqdns = { "node-0": "node-0.kubernetes.local", server: "server.kubernetes.local", lone: "lone" };
    expect(plan({ "node-0": "127.0.0.1", server: "192.0.2.10", lone: "192.0.2.11" }, fqdns)).toContain(
      "  |127.0.1.1 node-0.kubernetes.local node-0\n  |192.0.2.10 server.kubernetes.local server\n  |192.0.2.11 lone\n",
    );
  });

  it("gets them from the configuration", () => {
    const spec = cluster(
      config({ hostNames: "managed", nodes: { "node-0": node({ fqdn: "node-0.kubernetes.local" }) } }),
    );
    const stage = stagesOf(spec, spec.nodes[0]!).find(({ name }) => name === "host-names");
    expect(encodeRequirements(stage!.requirements(facts, context))).toContain(
      "  |192.0.2.10 node-0.kubernetes.local node-0\n",
    );
  });

  it("is there where it is asked for", () => {
    const nodes = { "node-0": node(), "node-1": node({ host: "192.0.2.11" }) };
    const names = (hosts: object): readonly string[] => {
      const spec = cluster(config({ nodes, ...hosts }));
      return stagesOf(spec, spec.nodes[0]!).map(({ name }) => name);
    };
    expect(names({})).not.toContain("host-names");
    expect(names({ hostNames: "managed" })[1]).toBe("host-names");
  });
});
