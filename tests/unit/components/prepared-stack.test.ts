import * as pulumi from "@pulumi/pulumi";
import { preparedStack } from "../../../components/prepared-stack";
import { routesUnit } from "../../../examples/bootstrap-hard-way/routes";
import { valueOf } from "./engine";

const node = {
  host: "192.0.2.10",
  sshPort: 22,
  sshUser: "root",
  hostKey: "ssh-ed25519 AAAA",
  role: "worker",
  podSubnets: ["10.200.0.0/24"],
  criSocket: "unix:///run/containerd/containerd.sock",
  cgroupDriver: "systemd",
  runtime: "containerd",
  sandboxImage: "registry.k8s.io/pause:3.10.1",
};
const cluster = {
  name: "dev",
  kubernetesVersion: "1.34.2",
  podCidrs: ["10.200.0.0/16"],
  serviceCidrs: ["10.32.0.0/24"],
  cni: "bridge",
  clusterConfiguration: "kind: ClusterConfiguration\n",
  kubeletConfiguration: "kind: KubeletConfiguration\n",
};

/** What each stack exports, by its name; `secrets` names outputs that hold one. */
const stacks: Record<string, { readonly outputs: object; readonly secrets: readonly string[] }> = {
  "organization/nodeprep/prod": {
    outputs: {
      cluster: { ...cluster, joinToken: "abcdef.0123456789abcdef" },
      nodes: { "node-1": node, "node-0": { ...node, joinConfiguration: "kind: JoinConfiguration\n" } },
    },
    secrets: ["cluster", "nodes"],
  },
  "organization/nodeprep/plain": { outputs: { cluster, nodes: { "node-0": node } }, secrets: [] },
  "organization/other/prod": { outputs: { cluster: { name: "other" } }, secrets: [] },
};

beforeAll(() =>
  pulumi.runtime.setMocks({
    newResource: ({ name }) => {
      const { outputs = {}, secrets = [] } = stacks[name] ?? {};
      return { id: name, state: { name, outputs, secretOutputNames: secrets } };
    },
    call: ({ inputs }) => inputs as Record<string, unknown>,
  }),
);

describe("the outputs of a stack, in the next program", () => {
  it("are plain values, in the order of the nodes' names, and secrets where they are", async () => {
    const { cluster: common, nodes } = await preparedStack("organization/nodeprep/prod");
    expect(Object.keys(nodes)).toEqual(["node-0", "node-1"]);
    expect(nodes["node-1"]).toEqual(node);
    for (const [secret, text] of [
      [common.joinToken, "abcdef.0123456789abcdef"],
      [nodes["node-0"]?.joinConfiguration, "kind: JoinConfiguration\n"],
    ] as const) {
      expect(await pulumi.isSecret(secret!)).toBe(true);
      expect(await valueOf(secret)).toBe(text);
    }
  });

  it("have no secrets where the stack has none", async () =>
    expect(await preparedStack("organization/nodeprep/plain")).toEqual({
      cluster,
      nodes: { "node-0": node },
    }));

  it.each(["organization/other/prod", "organization/nodeprep/new"])("of %s are refused by name", (name) =>
    expect(preparedStack(name)).rejects.toThrow(
      new RegExp(`the stack ${name} does not export what nodeprep does; run pulumi up there first`),
    ),
  );
});

test("the unit of routes takes the old ones away and tries for the new ones until each is there", () =>
  expect(
    routesUnit([
      { subnet: "10.200.1.0/24", via: "192.0.2.11" },
      { subnet: "fd00:200:1::/64", via: "2001:db8::11" },
    ]).split("\n"),
  ).toEqual(
    expect.arrayContaining([
      "ExecStartPre=-ip -4 route flush proto 86",
      "ExecStart=/bin/sh -c 'until failed=0; " +
        "ip route replace 10.200.1.0/24 via 192.0.2.11 proto 86 || failed=1; " +
        "ip route replace fd00:200:1::/64 via 2001:db8::11 proto 86 || failed=1; " +
        "[ $$failed = 0 ]; do sleep 2; done'",
      "ExecStopPost=-ip -6 route flush proto 86",
    ]),
  ));
