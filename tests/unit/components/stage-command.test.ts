import * as pulumi from "@pulumi/pulumi";
import { AdminUser } from "../../../components/admin-user";
import { Firewall, FirewallConfirm, FirewallGuard } from "../../../components/firewall";
import { Swap } from "../../../components/swap";
import { StageComponent } from "../../../components/stage-component";
import type { SurveyedNode } from "../../../components/surveyed-node";
import { Toolkit } from "../../../components/toolkit";
import { WorkerNode } from "../../../components/worker-node";
import { file, service } from "../../../plan/kinds";
import type { StageDefinition } from "../../../plan/stage";
import { arrivalsLine } from "../../../toolkit/script";
import { differs, reached, secrets, surveyed, unreached } from "./fixtures";
import { declaredBy, mockEngine, valueOf, warnings, type Declared } from "./engine";

/*
 * What the engine is asked for, by what the survey says. The rules behind it are in docs/architecture.md, "A stage
 * as a resource": each of them keeps a machine from being stripped or a drift from being missed.
 */
beforeAll(mockEngine);
beforeEach(() => void warnings());

const stages = [Toolkit.stage({}), Swap.stage({})];
const drift = [differs("swap", "swap:all")];

const withService: StageDefinition<Record<string, never>> = {
  name: "with-service",
  requirements: () => [
    file("/etc/a.toml", "a"),
    service("a.service", { restartAfter: ["file:/etc/a.toml"] }),
  ],
};

async function commands(node: SurveyedNode): Promise<Record<string, Declared>> {
  const all = await declaredBy((opts) => new WorkerNode("node-0", { node }, opts));
  const found = all.filter(({ type }) => type === "command:remote:Command");
  return Object.fromEntries(found.map((one) => [one.name.replace("node-0-", ""), one]));
}

const swapOf = async (more: Partial<SurveyedNode>): Promise<Declared> =>
  (await commands(surveyed(stages, more)))["swap"]!;

const apply = "sudo -n sh /usr/local/lib/nodeprep/nodeprep.sh apply swap --as org/nodeprep/test/node-0";

it("reports what the node says without anything that a terminal, or the engine, acts on", async () => {
  const toolkit = new Toolkit("node-0", { node: surveyed([Toolkit.stage({})]) });
  expect(await valueOf(toolkit.report)).toMatchObject({
    kernel: "6.1.0",
    said: "?[2J<{?no color%}>",
  });
});

describe("the Command of a stage that holds", () => {
  it("applies and undoes by constant lines, with the requirements on stdin", async () => {
    const { inputs, opts } = await swapOf({});
    expect(inputs).toMatchObject({
      create: apply,
      update: apply,
      delete: expect.stringMatching(/nodeprep\.sh undo swap --as org\/nodeprep\/test\/node-0$/) as unknown,
      stdin: "fstab /etc/fstab without swap\nswap all off\n",
      addPreviousOutputInEnv: false,
      // What a stage reports is for the outputs, and not for whoever looks on.
      logging: "stderr",
    });
    expect(opts).toMatchObject({ ignoreChanges: ["create"], deleteBeforeReplace: true });
    expect(opts.retainOnDelete).toBeUndefined();
  });

  it("installs the toolkit that the survey brought, and undoes everything with it", async () => {
    const { toolkit, swap } = await commands(surveyed(stages));
    expect(toolkit?.inputs["create"]).toMatch(/^sudo -n sh -c .* \/run\/nodeprep-toolkit-[0-9a-f]{16}\.sh /);
    expect(toolkit?.inputs["create"]).toMatch(/apply toolkit --as org\/nodeprep\/test\/node-0$/);
    expect(toolkit?.inputs["stdin"]).toMatch(/^toolkit \S+ sha256=[0-9a-f]{64}\n$/);
    expect(toolkit?.inputs["delete"]).toMatch(/undo --all --as org\/nodeprep\/test\/node-0$/);
    expect(swap?.opts.dependsOn).toBeUndefined();
    expect(String(swap?.inputs["stdin"]).length).toBeLessThan(100);
  });

  it("has lines that any login shell reads alike, csh and old fishes too: words and single quotes", async () => {
    const { toolkit, swap } = await commands(surveyed(stages));
    const { swap: refused } = await commands(surveyed(stages, { survey: unreached }));
    const sums = ["/var/lib/nodeprep/pushed", "0".repeat(64), "17"];
    const pushing = (["look", "take"] as const).map((step) => arrivalsLine(step, sums, { sudo: true }));
    const verbs = ["create", "update", "delete"];
    const lines = [toolkit, swap, refused].flatMap((one) => verbs.map((verb) => one?.inputs[verb]));
    for (const line of [...lines, ...pushing])
      expect(String(line)).toMatch(/^([\w./:=%@+,-]+|'[^'!\n\\]*')( ([\w./:=%@+,-]+|'[^'!\n\\]*'))*$/);
  });

  it("adopts, and undoes under Pods, only where it is told to", async () => {
    expect((await swapOf({ adopt: true })).inputs).toMatchObject({ update: `${apply} --adopt` });
    const { inputs } = await swapOf({ undoWithPods: true });
    expect(inputs).toMatchObject({ update: apply });
    expect(inputs["delete"]).toMatch(/ undo swap --as org\/nodeprep\/test\/node-0 --with-pods$/);
  });
});

describe("the components of a node", () => {
  const declared = () => declaredBy((opts) => new WorkerNode("node-0", { node: surveyed(stages) }, opts));

  it("come one after the other: each stage depends on the one before", async () => {
    const all = await declared();
    const before = (type: string) => {
      const found = all.find((one) => one.type === `nodeprep:stage:${type}`)?.opts.dependsOn;
      return (found as { readonly __name?: string } | undefined)?.__name;
    };
    expect(before("Toolkit")).toBeUndefined();
    expect(before("Swap")).toBe("node-0-toolkit");
  });

  it("stay what they are where the node changes its role", async () => {
    const node = (await declared()).find(({ type }) => type === "nodeprep:node:WorkerNode");
    expect(node?.opts.aliases).toEqual([
      { type: "nodeprep:node:WorkerNode" },
      { type: "nodeprep:node:ControlPlaneNode" },
    ]);
  });
});

describe("the Command of a stage that has drifted", () => {
  it("has a marker at the end of its create line, and nothing else is another", async () => {
    const [held, drifted] = [await swapOf({}), await swapOf({ survey: reached(stages, drift) })];
    expect(drifted.inputs).toEqual({
      ...held.inputs,
      connection: expect.anything() as unknown,
      create: `${apply} # drifted since apply 7f3a91c2: swap:all`,
    });
    expect(drifted.opts.ignoreChanges).toEqual([]);
  });

  it("says what was seen in a warning alone", async () => {
    const { inputs } = await swapOf({ survey: reached(stages, drift) });
    expect(warnings()).toEqual(["node-0: swap:all is 0 $(reboot), must be 1"]);
    for (const name of ["create", "update", "delete", "stdin"]) expect(inputs[name]).not.toContain("reboot");
  });

  it("says nothing of each thing where nothing is on record yet: all of it is new", async () => {
    const survey = { ...reached(stages, drift), applyId: undefined };
    const { inputs } = await swapOf({ survey });
    expect(inputs["create"]).toMatch(/ # nothing on record at /);
    expect(warnings()).toEqual([]);
  });

  it("says nothing of each thing in a stage that the node never had", async () => {
    const survey = { ...reached(stages, drift), newStages: ["swap"] };
    const { inputs } = await swapOf({ survey });
    expect(inputs["create"]).toMatch(/ # drifted since apply 7f3a91c2: swap:all$/);
    expect(warnings()).toEqual([]);
  });

  it("says which service is restarted for it", async () => {
    class WithService extends StageComponent(withService, "WithService") {}
    const all = [Toolkit.stage({}), WithService.stage({})];
    const survey = reached(all, [differs("with-service", "file:/etc/a.toml")]);
    await commands(surveyed(all, { survey }));
    expect(warnings()).toEqual([
      "node-0: file:/etc/a.toml is 0 $(reboot), must be 1; an update restarts a.service",
    ]);
  });

  it("leaves the other stages alone", async () => {
    const { toolkit } = await commands(surveyed(stages, { survey: reached(stages, drift) }));
    expect(toolkit?.opts.ignoreChanges).toEqual(["create"]);
  });

  it("takes along the stage that follows it", async () => {
    const args = { zone: "public" };
    const firewall = [
      Toolkit.stage({}),
      FirewallGuard.stage(args),
      Firewall.stage(args),
      FirewallConfirm.stage(args),
    ];
    const survey = reached(firewall, [differs("firewall", "firewall_daemon:firewalld")]);
    const all = await commands(surveyed(firewall, { survey }));
    expect(all["firewall-confirm"]?.inputs["create"]).toMatch(/apply firewall-confirm .* # drifted since/);
    expect(all["firewall-guard"]?.opts.ignoreChanges).toEqual(["create"]);
  });
});

it("is refused for a stage that the node was surveyed without, also where it could not be surveyed", () => {
  for (const survey of [reached(stages), unreached])
    expect(() => new AdminUser("db-1", { node: surveyed(stages, { survey }) })).toThrow(
      "node node-0 was surveyed without the stage admin-user: add it to the stages that surveyNode is given",
    );
});

describe("the Command of a node that was not looked at", () => {
  it("shows as unchanged, and refuses to be made", async () => {
    const { inputs, opts } = await swapOf({ survey: unreached });
    expect(opts).toMatchObject({ ignoreChanges: ["*"] });
    // Said, it would take the place of what the program says for a component around it.
    expect(opts).not.toHaveProperty("retainOnDelete");
    expect(inputs["create"]).toMatch(/nothing was done.*exit 1. nodeprep$/);
    expect(inputs).not.toHaveProperty("stdin");
    expect(warnings()).toEqual([
      "node-0 was not surveyed and is left alone: 192.0.2.10:22 did not answer within 20 s. Is it running?",
    ]);
  });

  it("is forgotten without being dialled where the node is abandoned", async () => {
    const { survey: _none, ...rest } = surveyed(stages, { retire: "abandon" });
    for (const { inputs, opts } of Object.values(await commands(rest))) {
      expect(opts).toMatchObject({ ignoreChanges: ["*"], retainOnDelete: true });
      expect(inputs["create"]).toMatch(/exit 1. nodeprep$/);
    }
    expect(warnings()).toEqual([]);
  });
});

describe.each([
  ["holds", {}],
  ["has drifted", { survey: reached(stages, drift) }],
  ["was not looked at", { survey: unreached }],
  ["is abandoned", { retire: "abandon" }],
] as const)("the Command of a node that %s", (_what, more) => {
  it("has no triggers: they would replace it, and the old one's delete would strip the machine", async () => {
    for (const { inputs } of Object.values(await commands(surveyed(stages, more))))
      expect(inputs).not.toHaveProperty("triggers");
  });

  it("has secrets in its connection alone, as secrets", async () => {
    for (const { inputs } of Object.values(await commands(surveyed(stages, more)))) {
      const { connection, ...others } = inputs;
      for (const secret of secrets) expect(JSON.stringify(others)).not.toContain(secret);
      expect(await pulumi.isSecret(pulumi.output(connection))).toBe(true);
      expect(await valueOf(connection)).toMatchObject({
        privateKey: secrets[0],
        proxy: { password: secrets[1] },
        hostKey: "ssh-ed25519 AAAA",
      });
    }
  });
});
