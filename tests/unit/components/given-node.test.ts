import * as pulumi from "@pulumi/pulumi";
import { Firewall, FirewallConfirm, FirewallGuard } from "../../../components/firewall";
import { Swap } from "../../../components/swap";
import { surveyNode, surveyNodes, type GivenNode } from "../../../components/survey-cluster";
import { Toolkit } from "../../../components/toolkit";
import type { ConnectionSpec } from "../../../config/types";
import { cleanUp, closedPort } from "../survey/machines";
import { mockEngine, valueOf, warnings } from "./engine";
import { connection, context } from "./fixtures";

beforeAll(mockEngine);
afterEach(async () => {
  await cleanUp();
  warnings();
});

const stages = [Toolkit.stage({}), Swap.stage({})];
const given = (more: Partial<GivenNode>): GivenNode => ({ context, connection, stages, ...more });
const closed = async (): Promise<ConnectionSpec> => {
  const { bastion: _bastion, hostKey: _key, ...rest } = connection;
  const port = await closedPort();
  return { ...rest, host: "127.0.0.1", port, insecureIgnoreHostKey: true, dialTimeout: 2 };
};

describe("nodes of somebody else's program", () => {
  const args = {};
  const guard = [FirewallGuard.stage(args), Firewall.stage(args), FirewallConfirm.stage(args)];

  it.each<readonly [string, readonly Partial<GivenNode>[], string]>([
    [
      "a name of two words",
      [{ context: { ...context, name: "db 1" } }],
      'node "db 1": context.name may have',
    ],
    ["a name of two parts", [{ context: { ...context, name: "a/b" } }], 'node "a/b": context.name may have'],
    ["one name for two", [{}, {}], "two nodes have the name node-0: give each"],
    [
      "no toolkit",
      [{ stages: [Swap.stage({})] }],
      "node node-0: its stages must begin with Toolkit.stage({})",
    ],
    ["no stages", [{ stages: [] }], "node node-0: its stages must begin with Toolkit.stage({})"],
    ["a stage twice", [{ stages: [...stages, Swap.stage({})] }], "node node-0: its stages have swap twice"],
    [
      "a firewall that is never confirmed",
      [{ stages: [...stages, ...guard.slice(0, 2)] }],
      "have firewall-guard, firewall: a firewall is the three stages FirewallGuard, Firewall and FirewallConfirm",
    ],
    [
      "a firewall in another order",
      [{ stages: [...stages, ...[...guard].reverse()] }],
      "have firewall-confirm, firewall, firewall-guard: a firewall is",
    ],
  ])("are refused with %s", async (_what, nodes, error) => {
    await expect(surveyNodes(nodes.map(given))).rejects.toThrow(error);
    await expect(surveyNodes(nodes.map(given))).rejects.toBeInstanceOf(pulumi.RunError);
  });

  it("may have a whole firewall, among others", async () => {
    const node = given({ connection: await closed(), stages: [...stages, ...guard] });
    expect((await surveyNode(node)).stages.length).toBe(5);
  });

  it.each<readonly [string, object, string]>([
    [
      "an address that is an output",
      { host: pulumi.output("192.0.2.1") },
      "connection.host is an output of a resource",
    ],
    [
      "a host key that is an output",
      { hostKey: pulumi.output("k") },
      "connection.hostKey is an output of a resource",
    ],
    [
      "a bastion that is one",
      { bastion: { ...connection.bastion, host: pulumi.output("192.0.2.1") } },
      "connection.bastion.host is an output of a resource: make the whole connection an output",
    ],
    [
      "a key that is no Secret",
      { auth: { method: "privateKey", privateKey: "text" } },
      "connection.auth.privateKey is no Secret: write new Secret(text)",
    ],
  ])("say what is wrong with %s", async (_what, more, error) =>
    expect(surveyNode(given({ connection: { ...connection, ...more } }))).rejects.toThrow(error),
  );
});

describe("a connection that is an output", () => {
  it("is surveyed where it is known, and tells which resource comes first", async () => {
    const machine = new pulumi.ComponentResource("test:cloud:Machine", "machine");
    const spec = await closed();
    const output = machine.urn.apply((): ConnectionSpec => spec);
    const node = await surveyNode(given({ connection: output }));
    expect(node).toMatchObject({ survey: { reachable: false, error: { reason: "refused" } }, sudo: true });
    expect(node).not.toHaveProperty("awaited");
    const { resources } = node.connection as unknown as { resources: () => ReadonlySet<pulumi.Resource> };
    expect([...resources()]).toEqual([machine]);
    expect(await valueOf(node.connection)).toMatchObject({ host: "127.0.0.1", port: spec.port });
  });

  it("without a host, as in an update with other targets, is left alone", async () => {
    const { hostKey: _key, ...rest } = connection;
    const absent = pulumi
      .output({ ip: undefined })
      .apply(({ ip }): ConnectionSpec => ({ ...rest, host: ip as unknown as string }));
    expect((await surveyNode(given({ connection: absent }))).survey).toMatchObject({
      reachable: false,
      error: { message: "its connection has no host" },
    });
  });
});
