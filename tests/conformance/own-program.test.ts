import { startFleet, type Fleet } from "../many/fleet";
import { installNodeprep } from "./support/installed";
import { Project } from "./support/project";

/*
 * Programs of another repository that depend on nodeprep, through the real engine, provider and language host. The
 * machine is a simulated node; what makes it is another one, whose Command stands for a cloud's resource: a first
 * preview does not know its outputs.
 */
const program = `
import { readFileSync } from "node:fs";
import { remote } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { Secret, surveyNodes, Swap, Toolkit, WorkerNode, type ConnectionSpec } from "nodeprep";

interface Machine { cloud: string; host: string; create: string; generation?: number }

export = async () => {
  const config = new pulumi.Config();
  const text = readFileSync(config.require("privateKeyFile"), "utf8");
  const common = { port: config.requireNumber("port"), user: "root", hostKey: config.require("hostKey") };
  const stages = [Toolkit.stage({}), Swap.stage({})];
  const kubernetes = { kubernetesVersion: "1.34.2", podCidrs: [], podSubnets: [] };
  const machines = Object.entries(config.requireObject<Record<string, Machine>>("machines"));
  const made = machines.map(([name, { cloud, host, create, generation = 1 }]) => {
    const machine = new remote.Command(name + "-machine", {
      connection: { ...common, host: cloud, privateKey: pulumi.secret(text) },
      create,
      triggers: [generation],
    });
    const connection = machine.stdout.apply((): ConnectionSpec => ({
      ...{ ...common, host, dialTimeout: 8 },
      auth: { method: "privateKey", privateKey: new Secret(text) },
    }));
    return { machine, node: { context: { ...kubernetes, name, role: "worker" as const }, connection, stages } };
  });
  const nodes = await surveyNodes(made.map(({ node }) => ({ ...node, bootsWithin: 20 })));
  for (const [index, node] of nodes.entries())
    new WorkerNode(node.context.name, { node }, { deletedWith: made[index]?.machine });
};
`;

interface JsonPreview {
  readonly steps?: readonly { readonly op: string; readonly urn: string }[];
}

/** What a preview would do to Commands, `name: op`. */
async function changes(project: Project): Promise<readonly string[]> {
  const { code, stdout, stderr } = await project.pulumi(["preview", "--json"]);
  expect({ code, stderr: code === 0 ? "" : stderr + stdout }).toEqual({ code: 0, stderr: "" });
  return ((JSON.parse(stdout) as JsonPreview).steps ?? [])
    .filter(({ op, urn }) => op !== "same" && urn.includes("command:remote:Command::"))
    .map(({ op, urn }) => `${urn.slice(urn.lastIndexOf("::") + 2)}: ${op}`)
    .sort();
}

describe("a program that makes a machine and prepares it", () => {
  let fleet: Fleet;
  let project: Project;
  const counts = (index: number) => fleet.counts(fleet.hosts[index] ?? "");
  const setMachines = (machines: object) =>
    project.must("config", "set", "machines", JSON.stringify(machines));
  const good = (generation: number) => ({
    cloud: fleet.hosts[0],
    host: fleet.hosts[1],
    create: "true",
    generation,
  });
  const failing = () => ({ cloud: fleet.hosts[2], host: fleet.hosts[3], create: "please apply this" });
  beforeAll(async () => {
    fleet = await startFleet(4, (index) => (index === 2 ? "broken" : "well"));
    project = await Project.make(program, installNodeprep);
    const { hostKey, privateKeyFile, port } = fleet;
    for (const [key, value] of Object.entries({ hostKey, privateKeyFile, port: String(port) }))
      await project.must("config", "set", key, value);
    await setMachines({ "node-1": good(1), "node-2": failing() });
  }, 300_000);
  beforeEach(() => fleet.reset());
  afterAll(async () => {
    project.remove();
    await fleet.stop();
  });

  it("shows in the first preview what it will create, and does not dial a machine that is not there", async () => {
    expect(await changes(project)).toEqual(
      ["node-1", "node-2"].flatMap((name) =>
        ["machine", "swap", "toolkit"].map((what) => `${name}-${what}: create`),
      ),
    );
    expect([counts(1).logins, counts(3).logins]).toEqual([0, 0]);
  }, 120_000);

  it("prepares it in the update that makes it, although another one cannot be made", async () => {
    const { code, stdout, stderr } = await project.pulumi([
      "up",
      "--yes",
      "--skip-preview",
      "--continue-on-error",
    ]);
    expect(code).not.toBe(0);
    expect(stdout + stderr).toContain("this machine is broken");
    expect(stdout + stderr).not.toContain("TypeError");
    expect([counts(1).applies, counts(3).logins]).toEqual([2, 0]);
  }, 240_000);

  it("then sees nothing to change, and without the other one is through", async () => {
    await setMachines({ "node-1": good(1) });
    await project.must("up", "--yes", "--skip-preview");
    expect(counts(1).applies).toBe(0);
    expect(await changes(project)).toEqual([]);
  }, 240_000);

  it("shows updates where the machine is replaced, and no undo", async () => {
    await setMachines({ "node-1": good(2) });
    const updates = (await changes(project)).filter((change) => !change.includes("machine"));
    expect(updates).toEqual(["node-1-swap: update", "node-1-toolkit: update"]);
    expect(counts(1).logins).toBe(0);
  }, 240_000);

  it("undoes nothing on a machine that is deleted itself", async () => {
    await project.must("destroy", "--yes", "--skip-preview");
    expect(counts(1).logins).toBe(0);
  }, 120_000);
});

describe("nodeprep's own program, in another repository", () => {
  it("is nodeprep/index", async () => {
    const project = await Project.make(
      'import program = require("nodeprep/index");\n\nexport = program;\n',
      installNodeprep,
    );
    const { code, stdout, stderr } = await project.pulumi(["preview"]);
    project.remove();
    expect(code).not.toBe(0);
    expect(stdout + stderr).toContain("The configuration has 1 mistake; no machine was touched");
    expect(stdout + stderr).not.toMatch(/unhandled exception|problems:|\.ts:\d/);
  }, 120_000);
});
