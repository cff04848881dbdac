import { cni, type CniArgs } from "../../../components/cni";
import { stagesOf } from "../../../components/stages";
import type { Facts } from "../../../plan/facts";
import { encodeRequirements } from "../../../plan/requirement";
import type { NodeContext } from "../../../plan/stage";
import { node, type Mapping } from "../config/fixtures";
import { context, facts } from "./fixtures";
import { bodyOf, golden, names, workerSpec } from "./worker-fixtures";

describe("the stages of a worker", () => {
  const stages = (changes: Mapping = {}): readonly string[] => {
    const all = workerSpec(changes);
    return stagesOf(all, all.nodes[0]!).map(({ name }) => name);
  };

  it("end with what Kubernetes by hand needs", () =>
    expect(stages().slice(-4)).toEqual(["node-secrets", "container-runtime", "cni", "kubelet"]));

  it("are those of ever without a kubelet", () => {
    expect(stages({ kubelet: null }).slice(-2)).toEqual(["firewall-confirm", "container-runtime"]);
    expect(stages({ kubelet: null, cni: { plugins: "distribution" } }).at(-1)).toBe("cni");
    expect(stages({ cni: { plugins: "none" } }).slice(-2)).toEqual(["container-runtime", "kubelet"]);
  });

  it("know whether the machine gets the name that its kubelet's certificate is for", () => {
    const warned = (hostNames: string) => {
      const all = workerSpec({ hostNames });
      const [first] = all.nodes;
      const survey = { node: { ...context, name: first!.name }, requirements: [], differing: [] };
      const stage = stagesOf(all, first!).find(({ name }) => name === "kubelet");
      return stage?.warnings({ ...facts, hostname: "debian" }, survey);
    };
    expect(warned("managed")).toEqual([]);
    expect(warned("untouched")).toEqual([expect.stringContaining("but its host name is debian")]);
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
      "directory:/var/lib/cni",
      `file:${conf}`,
      "file:/etc/cni/net.d/99-loopback.conf",
      `cni_config:${conf}`,
      "package:nftables",
      "file:/etc/cni/pod-masquerade.nft",
      "file:/etc/systemd/system/nodeprep-pod-masquerade.service",
      "service:nodeprep-pod-masquerade.service",
    ]);
    expect(bodyOf(plan(), conf)).toBe(golden("10-bridge.conf"));
    expect(bodyOf(plan(), "/etc/cni/net.d/99-loopback.conf")).toBe(golden("99-loopback.conf"));
    expect(bodyOf(plan(), "/etc/cni/pod-masquerade.nft")).toBe(golden("pod-masquerade.nft"));
    expect(bodyOf(plan(), "/etc/systemd/system/nodeprep-pod-masquerade.service")).toBe(
      golden("nodeprep-pod-masquerade.service"),
    );
  });

  it.each([
    [["10.200.1.0/24", "fd00:0:0:1::/64"], "first gateway=10.200.1.1/24"],
    [["fd00:0:0:1::/64", "10.200.1.128/25"], "first gateway=10.200.1.129/25"],
    [["fd00:0:0:1::/64"], "first"],
  ])("says of the bridge for %j: %s", (podSubnets, value) => {
    expect(plan({}, {}, { podSubnets }).find(({ kind }) => kind === "cni_config")?.value).toBe(value);
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
    const rocky = { packageManager: "dnf", osId: "rocky", osVersion: "9.6" } as const;
    expect(encodeRequirements(plan({}, rocky))).toContain("from=/usr/libexec/cni\n");
    expect(names(plan({ binDir: "/usr/lib/cni" })).join()).not.toContain("links");
    expect(names(plan({ plugins: "provided" })).join()).not.toMatch(/links|networking-plugins/);
  });

  it.each([
    ["rocky", "9.6", undefined],
    ["fedora", "42", undefined],
    ["rocky", "10.1", /Rocky 10 has no package containernetworking-plugins.*use cni\.plugins: release/],
    ["centos", "10", /cni\.plugins is distribution, but Rocky 10 has no/],
  ])("on %s %s there is a package of them: not with %s", (osId, osVersion, refused) => {
    const on = { packageManager: "dnf", osId, osVersion, osName: "Rocky 10" } as const;
    if (refused === undefined) expect(names(plan({}, on))).toContain("package:containernetworking-plugins");
    else expect(() => plan({}, on)).toThrow(refused);
    expect(() => plan({ plugins: "provided" }, on)).not.toThrow();
  });

  it("needs no network for pods on a control plane node, and says what a worker lacks", () => {
    expect(names(plan({}, {}, { podSubnets: [], role: "control-plane" })).at(-1)).toBe("links:/opt/cni/bin");
    expect(() => plan({}, {}, { podSubnets: [] })).toThrow("node node-0 has no podSubnet");
  });
});
