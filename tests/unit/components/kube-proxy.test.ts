import { kubeProxy } from "../../../components/kube-proxy";
import type { Facts } from "../../../plan/facts";
import { encodeRequirements } from "../../../plan/requirement";
import type { NodeContext } from "../../../plan/stage";
import type { Mapping } from "../config/fixtures";
import { context, facts } from "./fixtures";
import { bodyOf, golden, names, workerSpec } from "./worker-fixtures";

describe("the kube-proxy stage", () => {
  const plan = (more: Mapping = {}, which: Partial<NodeContext> = {}, system: Partial<Facts> = {}) => {
    const all = workerSpec({ kubeProxy: { kubeconfigFile: "/kube-proxy.kubeconfig", ...more } });
    const args = { ...all.kubeProxy!, secrets: all.nodes[0]!.secrets };
    return kubeProxy.requirements(args, { ...facts, ...system }, { ...context, ...which });
  };
  const path = "/var/lib/kube-proxy/kube-proxy-config.yaml";

  it("writes the files of document 004 and starts the unit after them", () => {
    expect(names(plan())).toEqual([
      "package:conntrack",
      "package:ipset",
      "package:iptables",
      "file:/etc/sysctl.d/kube-proxy.conf",
      "sysctl:net.ipv4.conf.all.route_localnet",
      "directory:/var/lib/kube-proxy",
      "file:/var/lib/kube-proxy/kubeconfig",
      `file:${path}`,
      "file:/etc/systemd/system/kube-proxy.service",
      "service:kube-proxy.service",
    ]);
    expect(bodyOf(plan(), path)).toBe(golden("kube-proxy-config.yaml"));
    expect(bodyOf(plan(), "/etc/systemd/system/kube-proxy.service")).toBe(golden("kube-proxy.service"));
    expect(encodeRequirements(plan())).not.toContain("PRIVATE KEY");
  });

  it("brings what each mode works with", () => {
    expect(bodyOf(plan({ mode: "ipvs" }), path)).toContain("mode: ipvs\n");
    expect(names(plan({ mode: "ipvs" }))).toEqual(
      expect.arrayContaining([
        "package:ipvsadm",
        "file:/etc/modules-load.d/kube-proxy.conf",
        "module:ip_vs_rr",
      ]),
    );
    expect(names(plan({ mode: "nftables" }))).toContain("package:nftables");
    expect(names(plan({}, {}, { packageManager: "dnf", osVersion: "9.4" }))).toContain(
      "package:iptables-nft",
    );
    expect(names(plan({}, {}, { packageManager: "dnf", osVersion: "8.10" }))).toContain("package:iptables");
  });

  it("knows the networks of both families", () =>
    expect(bodyOf(plan({}, { podCidrs: ["10.200.0.0/16", "fd00::/48"] }), path)).toContain(
      "clusterCIDR: 10.200.0.0/16,fd00::/48\n",
    ));
});
