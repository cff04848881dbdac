import * as pulumi from "@pulumi/pulumi";
import { Cluster } from "../../../components/cluster";
import { clusterOutputs } from "../../../components/outputs";
import { stagesOf } from "../../../components/stages";
import { surveyCluster } from "../../../components/survey-cluster";
import { cluster as clusterOf, config, node } from "../config/fixtures";
import { closedPort, cleanUp } from "../survey/machines";
import { reached, surveyed } from "./fixtures";
import { mockEngine, valueOf, warnings } from "./engine";

beforeAll(mockEngine);
afterEach(cleanUp);

const spec = clusterOf(
  config({ nodes: { "node-0": node({ role: "control-plane", podSubnet: "10.200.0.0/24" }) } }),
);

describe("the outputs of a stack", () => {
  it.each([
    ["unix:///run/mcr/cri-dockerd.sock", "unix:///run/mcr/cri-dockerd.sock"],
    ["unix:///run/a.sock; reboot", "unix:///run/cri-dockerd.sock"],
    [undefined, "unix:///run/cri-dockerd.sock"],
  ])("have the socket that was found, where it is a socket: %s", async (said, expected) => {
    const [first] = spec.nodes;
    const runtime = { ...spec.runtime, type: "mirantis" } as const;
    const reported = () => pulumi.output(said);
    const nodes = [{ reported } as unknown as Cluster["nodes"][number]];
    const outputs = clusterOutputs({ ...spec, runtime, nodes: [first!] }, { nodes } as unknown as Cluster);
    expect(await valueOf(outputs.nodes["node-0"]?.criSocket)).toBe(expected);
    expect(await valueOf(outputs.nodes["node-0"]?.initConfiguration)).toContain(`criSocket: ${expected}\n`);
  });

  it("come from config and from what the stages reported", async () => {
    const stages = stagesOf(spec, spec.nodes[0]!);
    const [first] = spec.nodes;
    const context = { ...surveyed([]).context, name: "node-0", role: "control-plane" as const };
    const cluster = new Cluster(spec.name, {
      nodes: [surveyed(stages, { context, survey: reached(stages) })],
    });
    const { cluster: common, nodes } = clusterOutputs(spec, cluster);
    expect(common).toEqual({
      name: "dev",
      kubernetesVersion: "1.34.2",
      podCidrs: ["10.200.0.0/16"],
      serviceCidrs: ["10.32.0.0/24"],
      cni: "bridge",
      apiEndpoint: "192.0.2.10:6443",
      clusterConfiguration: expect.stringContaining("kind: ClusterConfiguration") as unknown,
      kubeletConfiguration: expect.stringContaining("kind: KubeletConfiguration") as unknown,
      joinToken: undefined,
    });
    const { os, kernel, runtimeVersion, ...rest } = nodes["node-0"]!;
    expect(rest).toEqual({
      host: first?.connection.host,
      sshPort: 22,
      sshUser: "root",
      hostKey: first?.connection.hostKey,
      role: "control-plane",
      podSubnets: ["10.200.0.0/24"],
      criSocket: "unix:///run/containerd/containerd.sock",
      cgroupDriver: "systemd",
      runtime: "containerd",
      sandboxImage: "registry.k8s.io/pause:3.10.1",
      initConfiguration: expect.stringContaining("kind: InitConfiguration") as unknown,
      joinConfiguration: undefined,
    });
    expect(await Promise.all([valueOf(os), valueOf(kernel), valueOf(runtimeVersion)])).toEqual([
      "Debian GNU/Linux 12 (bookworm)",
      "6.1.0",
      undefined,
    ]);
    warnings();
  });
});

test("many clusters in one program have one listener for its end", () => {
  const before = process.listenerCount("exit");
  for (const name of ["a", "b", "c"]) new Cluster(name, { nodes: [] });
  expect(process.listenerCount("exit")).toBeLessThanOrEqual(before + 1);
});

it("has no InitConfiguration for a worker", () => {
  const worker = clusterOf(config());
  const context = { ...surveyed([]).context, name: "node-1" };
  const cluster = new Cluster(worker.name, { nodes: [surveyed([], { context })] });
  expect(clusterOutputs(worker, cluster).nodes["node-1"]?.initConfiguration).toBeUndefined();
  warnings();
});

describe("a node that cannot be reached", () => {
  const unreachable = async (): Promise<typeof spec> =>
    clusterOf(
      config({
        ssh: { password: "the-secret-word" },
        nodes: { "node-0": node({ host: "127.0.0.1", port: await closedPort() }) },
      }),
    );
  afterEach(() => delete process.env["NODEPREP_SURVEY"]);

  it("is left to its warning, with all its stages", async () => {
    const [found] = await surveyCluster(await unreachable());
    expect(found?.survey).toMatchObject({ reachable: false, error: { reason: "refused" } });
    expect(found?.stages.length).toBe(stagesOf(spec, spec.nodes[0]!).length);
  });

  it("is an error where NODEPREP_SURVEY says so, which names it and holds no secret", async () => {
    process.env["NODEPREP_SURVEY"] = "required";
    const error: unknown = await surveyCluster(await unreachable()).catch((reason: unknown) => reason);
    expect(String(error)).toMatch(/NODEPREP_SURVEY=required.*\nnode-0: 127\.0\.0\.1:\d+ refuses connections/);
    expect(String(error)).not.toContain("the-secret-word");
  });

  it.each(["true", "1", "Required"])(
    "is not left to NODEPREP_SURVEY=%s, which means nothing",
    async (word) => {
      process.env["NODEPREP_SURVEY"] = word;
      const error: unknown = await surveyCluster(await unreachable()).catch((reason: unknown) => reason);
      expect(error).toEqual(
        expect.objectContaining({
          message: expect.stringContaining(`NODEPREP_SURVEY is ${word}, must be required`) as string,
        }),
      );
    },
  );

  it("is not dialled where it is to be abandoned", async () => {
    process.env["NODEPREP_SURVEY"] = "required";
    const { nodes, ...rest } = await unreachable();
    const [found] = await surveyCluster({
      ...rest,
      nodes: nodes.map((one) => ({ ...one, retire: "abandon" })),
    });
    expect(found).toMatchObject({ retire: "abandon" });
    expect(found?.survey).toBeUndefined();
  });
});
