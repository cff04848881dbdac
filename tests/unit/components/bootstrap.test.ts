import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { MockMonitor } from "@pulumi/pulumi/runtime/mocks";
import { bootstrapParts } from "../../../components/bootstrap";
import { Cluster } from "../../../components/cluster";
import { JoinToken } from "../../../components/join-token";
import { KubeletApiAccess } from "../../../components/kubelet-api-access";
import { clusterOutputs } from "../../../components/outputs";
import { outputsJsonSchema, outputsSchema } from "../../../components/outputs-schema";
import { Secret } from "../../../config/secret";
import * as pki from "../config/certificates";
import { cluster, config, mistakes, sources, type Mapping } from "../config/fixtures";
import { surveyed } from "./fixtures";
import { valueOf } from "./engine";

interface Asked {
  readonly type: string;
  readonly name: string;
  readonly inputs: Record<string, unknown>;
  readonly parent: string | undefined;
}
const asked: Asked[] = [];

/** An engine that notes what it is asked for; a password of the provider random is as many letters as it is to be. */
beforeAll(async () => {
  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs }) => {
        const state = inputs as Record<string, unknown>;
        asked.push({ type, name, inputs: state, parent: undefined });
        return { id: `${name}-id`, state: { ...state, result: "x".repeat(Number(state["length"] ?? 0)) } };
      },
      call: ({ inputs }) => inputs as Record<string, unknown>,
    },
    "nodeprep",
    "test",
    false,
    "org",
  );
});
beforeEach(() => void asked.splice(0));

const from = { ...sources(pki.files), now: pki.now };
const spec = (changes: Mapping = {}) => cluster(config(changes), from);
const types = () => asked.map(({ type, name }) => `${type} ${name}`);
/** The binding is declared last. */
async function binding(): Promise<void> {
  for (let tries = 0; tries < 500 && !types().join().includes(":ClusterRoleBinding"); tries++)
    await new Promise((resolve) => setTimeout(resolve, 10));
}

describe("the join token", () => {
  it("is made of two secrets in kubeadm's form", async () => {
    const { token } = new JoinToken("dev");
    expect(await valueOf(token)).toBe("xxxxxx.xxxxxxxxxxxxxxxx");
    expect(await pulumi.isSecret(token)).toBe(true);
    const letters = { lower: true, numeric: true, special: false, upper: false };
    expect(
      asked.filter(({ type }) => type.startsWith("random:")).map(({ name, inputs }) => [name, inputs]),
    ).toEqual([
      ["dev-id", { length: 6, ...letters }],
      ["dev-secret", { length: 16, ...letters }],
    ]);
  });

  it("is the one that is given, without any provider", async () => {
    const token = "abcdef.0123456789abcdef";
    const { joinToken } = bootstrapParts(spec({ kubeadm: { joinToken: token } }));
    expect(await valueOf(joinToken)).toBe(token);
    expect(await pulumi.isSecret(joinToken!)).toBe(true);
    expect(types()).toEqual([]);
  });

  it("is none where none is configured", () => {
    expect(bootstrapParts(spec())).toEqual({ joinToken: undefined });
    expect(types()).toEqual([]);
  });
});

describe("the API server's access to kubelets", () => {
  const kubeconfig = pki.kubeconfig();

  it("is the cluster role of document 004 and its binding, by a provider of their own", async () => {
    new KubeletApiAccess("dev", { kubeconfig: new Secret(kubeconfig), user: "api" });
    await binding();
    const inputs = Object.fromEntries(asked.map(({ type, inputs }) => [type, inputs]));
    expect(inputs["pulumi:providers:kubernetes"]).toMatchObject({
      kubeconfig: {
        value: kubeconfig,
        "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
      },
    });
    expect(inputs["kubernetes:rbac.authorization.k8s.io/v1:ClusterRole"]).toEqual({
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRole",
      metadata: {
        name: "system:kube-apiserver-to-kubelet",
        annotations: { "rbac.authorization.kubernetes.io/autoupdate": "true" },
        labels: { "kubernetes.io/bootstrapping": "rbac-defaults" },
      },
      rules: [
        {
          apiGroups: [""],
          resources: ["nodes/proxy", "nodes/stats", "nodes/log", "nodes/spec", "nodes/metrics"],
          verbs: ["*"],
        },
      ],
    });
    expect(inputs["kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding"]).toEqual({
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRoleBinding",
      metadata: { name: "system:kube-apiserver" },
      roleRef: {
        apiGroup: "rbac.authorization.k8s.io",
        kind: "ClusterRole",
        name: "system:kube-apiserver-to-kubelet",
      },
      subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "User", name: "api" }],
    });
  });

  it("is declared where a kubeconfig is configured, and that is checked before", async () => {
    const keys = { kubeconfigFile: "/kube-proxy.kubeconfig" };
    bootstrapParts(spec({ kubeletApiAccess: keys }));
    await binding();
    expect(types()).toContain("kubernetes:rbac.authorization.k8s.io/v1:ClusterRole api-server-kubelet-api");
    expect(mistakes(config({ kubeletApiAccess: {} }), from)).toEqual([
      "kubeletApiAccess.kubeconfigFile: is missing, must be the file of the kubeconfig, or kubeconfig its text; add it, for example `kubeconfigFile: certs/kubeconfig`",
    ]);
  });
});

/** What the engine is told of a resource. */
interface Registration {
  getType(): string;
  getName(): string;
  getAliasesList(): readonly { getSpec(): { getName(): string } | undefined }[];
}

it("what a stack has once stays when the cluster gets another name, also that of earlier versions", async () => {
  const told = jest.spyOn(MockMonitor.prototype, "registerResource");
  const parts = { kubeadm: { generateJoinToken: true }, kubeletApiAccess: { kubeconfig: pki.kubeconfig() } };
  bootstrapParts(spec({ ...parts, name: "prod" }));
  await binding();
  const components = told.mock.calls
    .map(([request]) => request as Registration)
    .filter((request) => request.getType().startsWith("nodeprep:cluster:"))
    .map((one) => [one.getName(), ...one.getAliasesList().map((alias) => alias.getSpec()?.getName())]);
  expect(components.sort()).toEqual([
    ["api-server", "prod"],
    ["join-token", "prod"],
  ]);
  expect(types().filter((name) => name.includes("prod"))).toEqual([]);
  told.mockRestore();
});

describe("the schema of the outputs", () => {
  it("is the one in docs/", () =>
    expect(readFileSync(join(__dirname, "../../../docs/outputs.schema.json"), "utf8")).toBe(
      outputsJsonSchema(),
    ));

  it("holds for what a stack exports", async () => {
    const one = spec({ kubeadm: { joinToken: "abcdef.0123456789abcdef" } });
    const { joinToken } = bootstrapParts(one);
    const [node] = one.nodes;
    const context = { ...surveyed([]).context, name: node!.name };
    const outputs = clusterOutputs(
      one,
      new Cluster(one.name, { nodes: [surveyed([], { context })] }),
      joinToken,
    );
    const plain = await valueOf(outputs as unknown as pulumi.Input<object>);
    expect(outputsSchema.safeParse(JSON.parse(JSON.stringify(plain))).error).toBeUndefined();
    expect(outputsSchema.safeParse({}).success).toBe(false);
  });
});
