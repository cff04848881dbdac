import { hostNames } from "../../../components/host-names";
import { stagesOf } from "../../../components/stages";
import { encodeRequirements } from "../../../plan/requirement";
import { cluster, config, node } from "../config/fixtures";
import { context, facts } from "./fixtures";

const plan = (hosts: Readonly<Record<string, string>>): string =>
  encodeRequirements(hostNames.requirements({ hosts }, facts, context));

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
