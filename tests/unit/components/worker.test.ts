import { readFileSync } from "node:fs";
import { join } from "node:path";
import { cni, type CniArgs } from "../../../components/cni";
import { kubelet } from "../../../components/kubelet";
import { NodeSecrets, nodeSecrets } from "../../../components/node-secrets";
import { stagesOf } from "../../../components/stages";
import { Toolkit } from "../../../components/toolkit";
import { WorkerNode } from "../../../components/worker-node";
import { Secret } from "../../../config/secret";
import type { ClusterSpec } from "../../../config/types";
import type { Facts } from "../../../plan/facts";
import { encodeRequirements, requirementName, type Requirement } from "../../../plan/requirement";
import type { NodeContext, StageSurvey } from "../../../plan/stage";
import * as pki from "../config/certificates";
import { cluster, config, node, sources, type Mapping } from "../config/fixtures";
import { declaredBy, mockEngine, valueOf } from "./engine";
import { context, facts, surveyed } from "./fixtures";

const golden = (name: string): string => readFileSync(join(__dirname, "golden", name), "utf8");
const bodyOf = (requirements: readonly Requirement[], path: string): string =>
  `${requirements.find(({ key }) => key === path)?.body ?? "absent"}\n`;
const names = (requirements: readonly Requirement[]): readonly string[] => requirements.map(requirementName);

const spec = (changes: Mapping = {}): ClusterSpec =>
  cluster(
    config({ kubelet: pki.kubelet, nodes: { "node-1": node({ podSubnet: "10.200.1.0/24" }) }, ...changes }),
    { ...sources(pki.files), now: pki.now },
  );

describe("the stages of a worker", () => {
  const stages = (changes: Mapping = {}): readonly string[] => {
    const all = spec(changes);
    return stagesOf(all, all.nodes[0]!).map(({ name }) => name);
  };

  it("end with what Kubernetes by hand needs", () =>
    expect(stages().slice(-4)).toEqual(["node-secrets", "container-runtime", "cni", "kubelet"]));

  it("are those of ever without a kubelet", () => {
    expect(stages({ kubelet: null }).slice(-2)).toEqual(["firewall-confirm", "container-runtime"]);
    expect(stages({ kubelet: null, cni: { plugins: "distribution" } }).at(-1)).toBe("cni");
    expect(stages({ cni: { plugins: "none" } }).slice(-2)).toEqual(["container-runtime", "kubelet"]);
  });

  it("hold no kubelet on a control plane node", () =>
    expect(stages({ nodes: { "node-1": node({ role: "control-plane" }) } }).at(-1)).toBe("cni"));
});

describe("the cni stage", () => {
  const plan = (args: Partial<CniArgs> = {}, more: Partial<Facts> = {}, where: Partial<NodeContext> = {}) =>
    cni.requirements(
      { type: "bridge", plugins: "distribution", ...args },
      { ...facts, ...more },
      { ...context, ...where },
    );
  const conf = "/etc/cni/net.d/10-bridge.conf";

  it("installs the plugins and configures the bridge", () => {
    expect(names(plan())).toEqual([
      "directory:/opt/cni",
      "directory:/opt/cni/bin",
      "directory:/etc/cni",
      "directory:/etc/cni/net.d",
      "package:containernetworking-plugins",
      "links:/opt/cni/bin",
      `file:${conf}`,
      "file:/etc/cni/net.d/99-loopback.conf",
      `cni_config:${conf}`,
    ]);
    expect(bodyOf(plan(), conf)).toBe(golden("10-bridge.conf"));
    expect(bodyOf(plan(), "/etc/cni/net.d/99-loopback.conf")).toBe(golden("99-loopback.conf"));
  });

  it("gives pods an address of each family", () => {
    const body = bodyOf(plan({}, {}, { podSubnets: ["10.200.1.0/24", "fd00:0:0:1::/64"] }), conf);
    expect(JSON.parse(body)).toMatchObject({
      ipam: {
        ranges: [[{ subnet: "10.200.1.0/24" }], [{ subnet: "fd00:0:0:1::/64" }]],
        routes: [{ dst: "0.0.0.0/0" }, { dst: "::/0" }],
      },
    });
  });

  it.each(["calico", "cilium", "flannel", "none", "other"] as const)("leaves configuration to %s", (type) =>
    expect(names(plan({ type })).filter((name) => /^(file|cni_config)/.test(name))).toEqual([]),
  );

  it("links where the distribution has them", () => {
    expect(encodeRequirements(plan())).toContain("links /opt/cni/bin from=/usr/lib/cni\n");
    expect(encodeRequirements(plan({}, { packageManager: "dnf" }))).toContain("from=/usr/libexec/cni\n");
    expect(names(plan({ binDir: "/usr/lib/cni" })).join()).not.toContain("links");
    expect(names(plan({ plugins: "provided" })).join()).not.toMatch(/links|package/);
  });

  it("tells NetworkManager, where it runs, to leave interfaces of pods alone", () => {
    const path = "/etc/NetworkManager/conf.d/90-nodeprep-cni.conf";
    expect(names(plan())).not.toContain(`file:${path}`);
    expect(bodyOf(plan({}, { networkManager: true }), path)).toContain(
      "interface-name:cni*;interface-name:veth*;interface-name:cali*;interface-name:flannel*",
    );
  });

  it("needs no network for pods on a control plane node, and says what a worker lacks", () => {
    expect(names(plan({}, {}, { podSubnets: [], role: "control-plane" })).at(-1)).toBe("links:/opt/cni/bin");
    expect(() => plan({}, {}, { podSubnets: [] })).toThrow("node node-0 has no podSubnet");
  });
});

describe("the kubelet stage", () => {
  const survey: StageSurvey = { node: context, requirements: [], differing: [] };
  const args = (changes: Mapping = {}) => {
    const all = spec(changes);
    const [first] = all.nodes;
    return { ...all.kubelet!, runtime: all.runtime, secrets: first!.secrets, identity: "node-0" };
  };
  const plan = (changes: Mapping = {}, more: Partial<Facts> = {}) =>
    kubelet.requirements(args(changes), { ...facts, ...more }, context);
  const path = "/var/lib/kubelet/kubelet-config.yaml";
  const unit = "/etc/systemd/system/kubelet.service";

  it("writes the files of document 004 and starts the unit after them", () => {
    expect(names(plan())).toEqual([
      "package:conntrack",
      "package:ipset",
      "package:iptables",
      "package:socat",
      "directory:/var/lib/kubelet",
      "file:/var/lib/kubelet/ca.crt",
      "file:/var/lib/kubelet/kubelet.crt",
      "file:/var/lib/kubelet/kubelet.key",
      "file:/var/lib/kubelet/kubeconfig",
      `file:${path}`,
      `file:${unit}`,
      "service:kubelet.service",
    ]);
    expect(bodyOf(plan(), path)).toBe(golden("kubelet-config.yaml"));
    expect(bodyOf(plan(), unit)).toBe(golden("kubelet.service"));
    expect(plan().at(-1)?.value).toMatch(
      /restart-after=file:\/var\/lib\/kubelet\/ca\.crt,.*kubelet\.service$/,
    );
  });

  it("takes every setting, and others as they are", () => {
    const config = { maxPods: 110, failSwapOn: true, resolvConf: "/etc/pods.conf", address: "::" };
    const body = bodyOf(plan({ kubelet: { ...pki.kubelet, config, extra: { zz: { b: 1, a: [2] } } } }), path);
    expect(body).toContain("maxPods: 110\n");
    expect(body).toContain("failSwapOn: true\n");
    expect(body).toContain("resolvConf: /etc/pods.conf\n");
    expect(body).toContain('address: "::"\n');
    expect(body).toContain("zz:\n  a:\n    - 2\n  b: 1\n");
  });

  it("writes secrets for root alone, by digest", () => {
    const text = encodeRequirements(plan());
    expect(text).not.toContain("PRIVATE KEY");
    expect(text).toMatch(
      /^file \/var\/lib\/kubelet\/kubelet\.key mode=0600 owner=root:root secret=kubelet\.key digest=[0-9a-f]{64}$/m,
    );
    const other = encodeRequirements(plan({}, { secretsKey: "1".repeat(64) }));
    expect(other).not.toBe(text);
  });

  const resolv = (usual: string | undefined, upstream: string | undefined): Partial<Facts> => {
    const fact = (content: string | undefined) =>
      content === undefined ? undefined : { content, sha256: "" };
    return { files: { "/etc/resolv.conf": fact(usual), "/run/systemd/resolve/resolv.conf": fact(upstream) } };
  };

  it.each([
    ["a name server elsewhere", "nameserver 192.0.2.53\n", undefined, "/etc/resolv.conf", 0],
    [
      "systemd-resolved's stub",
      "nameserver 127.0.0.53\n",
      "nameserver 192.0.2.53\n",
      "/run/systemd/resolve/resolv.conf",
      0,
    ],
    ["dnsmasq on the node", "nameserver 127.0.0.1\n", undefined, "/etc/resolv.conf", 1],
    ["a stub without anything behind it", "nameserver ::1\n", "# none\n", "/etc/resolv.conf", 1],
    ["no file at all", undefined, undefined, "/etc/resolv.conf", 0],
    ["a scoped address", "nameserver fe80::1%eth0\n", undefined, "/etc/resolv.conf", 0],
  ])("gives pods name servers that they can reach: %s", (_name, usual, upstream, chosen, warned) => {
    const more = resolv(usual, upstream);
    expect(bodyOf(plan({}, more), path)).toContain(`resolvConf: ${chosen}\n`);
    expect(kubelet.warnings?.(args(), { ...facts, ...more }, survey)).toHaveLength(warned);
  });

  it("warns where the machine has another name than its certificate", () =>
    expect(kubelet.warnings?.({ ...args(), identity: "node-9" }, facts, survey)).toEqual([
      expect.stringContaining("is for system:node:node-9, but its host name is node-0"),
    ]));

  it("does without a secret only by an error", () =>
    expect(() => kubelet.requirements({ ...args(), secrets: {} }, facts, context)).toThrow(
      "the kubelet needs the secret kubelet-ca.crt",
    ));
});

describe("the node-secrets stage", () => {
  beforeAll(mockEngine);
  const secrets = { "kubelet.key": new Secret("key of the kubelet\n") };

  it("names secrets by keyed digests", () => {
    const text = encodeRequirements(nodeSecrets.requirements({ secrets }, facts, context));
    expect(text).toMatch(
      /^secret digest-key digest=[0-9a-f]{64}\nsecret kubelet\.key digest=[0-9a-f]{64}\n$/,
    );
  });

  it("sends their texts in an input that is a secret as a whole", async () => {
    const stages = [Toolkit.stage({}), NodeSecrets.stage({ secrets })];
    const declared = await declaredBy((opts) => new WorkerNode("node-0", { node: surveyed(stages) }, opts));
    const command = declared.find(
      ({ name, type }) => name === "node-0-node-secrets" && type === "command:remote:Command",
    );
    const stdin = command?.inputs["stdin"] as { isSecret: Promise<boolean> };
    expect(await stdin.isSecret).toBe(true);
    expect(await valueOf(command?.inputs["stdin"])).toMatch(/\n {2}\|key of the kubelet\n$/);
    const inputs = { ...command?.inputs, stdin: "", connection: "" };
    expect(JSON.stringify(inputs)).not.toContain("key of the kubelet");
  });
});
