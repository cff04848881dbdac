import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { parseCluster } from "../../../config/load";
import { devMachines, knownHost } from "../../../lab/fleet";
import { ROOT } from "../../../offline/paths";
import { ed25519, plainKeys } from "../config/fixtures";

/** What the lab puts into the clone, in the form in which it does. */
const files: Readonly<Record<string, string>> = {
  ".lab/id_ed25519": plainKeys.private,
  ".lab/known_hosts": Object.values(devMachines)
    .map(({ ssh }) => knownHost({ host: "127.0.0.1", port: ssh, hostKey: ed25519 }))
    .join(""),
};

describe("Pulumi.dev.yaml as committed", () => {
  const text = readFileSync(join(ROOT, "Pulumi.dev.yaml"), "utf8");
  const { config } = parse(text) as { config: Record<string, unknown> };
  const result = parseCluster(config["nodeprep:cluster"], {
    home: "/root",
    lookInto: () => ({ error: "does not exist" }),
    readFile: (path) => (path in files ? { text: files[path] ?? "" } : { error: "does not exist" }),
  });

  test("is a valid configuration with the keys that the lab makes", () => {
    expect(result).toMatchObject({ ok: true, warnings: [] });
  });

  test("has the lab's machines, at the lab's ports", () => {
    if (!result.ok) throw new Error("it is not valid");
    const nodes = result.cluster.nodes.map(({ name, connection }) => [name, { ssh: connection.port }]);
    expect(Object.fromEntries(nodes)).toEqual(devMachines);
  });

  test("has a control plane node and a worker", () => {
    if (!result.ok) throw new Error("it is not valid");
    expect(result.cluster.nodes.map(({ role }) => role)).toEqual(["control-plane", "worker"]);
  });
});
