import { cni } from "../../../components/cni";
import { containerRuntime } from "../../../components/container-runtime";
import { kubelet } from "../../../components/kubelet";
import { kubeProxy } from "../../../components/kube-proxy";
import type { NodeContext } from "../../../plan/stage";
import * as pki from "../config/certificates";
import { config, mistakes, type Mapping } from "../config/fixtures";
import { context, facts } from "./fixtures";
import { bodyOf, workerSpec } from "./worker-fixtures";

/* What depends on the version of Kubernetes, of the plugins, or on the kernel: it would end at each start otherwise. */
const of = (kubernetesVersion: string): NodeContext => ({ ...context, kubernetesVersion });

describe("the kubelet's files", () => {
  const plan = (version: string, changes: Mapping = {}) => {
    const all = workerSpec(changes);
    const args = { ...all.kubelet!, runtime: all.runtime, secrets: all.nodes[0]!.secrets };
    return kubelet.requirements(args, facts, of(version));
  };
  const settings = (...words: Parameters<typeof plan>) =>
    bodyOf(plan(...words), "/var/lib/kubelet/kubelet-config.yaml");
  const unit = (version: string) => bodyOf(plan(version), "/etc/systemd/system/kubelet.service");

  it("say NoSwap from 1.30 on, which before is no value, and nothing of swap where it is a feature that is off", () => {
    expect(settings("1.30.0")).toContain("swapBehavior: NoSwap");
    expect(settings("1.29.9")).not.toContain("memorySwap");
    const gated = {
      config: { memorySwap: { swapBehavior: "LimitedSwap" } },
      extra: { featureGates: { NodeSwap: true } },
    };
    expect(settings("1.29.9", { kubelet: { ...pki.kubelet, ...gated } })).toContain(
      "swapBehavior: LimitedSwap",
    );
  });

  it("have the runtime's socket as a setting from 1.27 on, and as an argument before", () => {
    const socket = "unix:///run/containerd/containerd.sock";
    expect(settings("1.27.0")).toContain(`containerRuntimeEndpoint: ${socket}`);
    expect(unit("1.27.0")).not.toContain("--container-runtime-endpoint");
    expect(settings("1.26.15")).not.toContain("containerRuntimeEndpoint");
    expect(unit("1.26.15")).toContain(`--container-runtime-endpoint=${socket}`);
  });
});

describe("kube-proxy in mode nftables", () => {
  const plan = (kernel: string, extra: Mapping = {}) => {
    const all = workerSpec({
      kubeProxy: { kubeconfigFile: "/kube-proxy.kubeconfig", mode: "nftables", extra },
    });
    return () =>
      kubeProxy.requirements(
        { ...all.kubeProxy!, secrets: all.nodes[0]!.secrets },
        { ...facts, kernel },
        context,
      );
  };

  it.each(["5.12.19", "5.4.0-200-generic", "4.18.0-553.el8_10.x86_64", "unknown"])(
    "is refused on kernel %s",
    (kernel) => {
      expect(plan(kernel)).toThrow(
        `takes a kernel of 5.13 or later, but the node runs ${kernel}: use iptables`,
      );
      expect(plan(kernel, { nftables: { skipKernelVersionCheck: true } })).not.toThrow();
    },
  );

  it.each(["5.13.0", "5.15.0-1-generic", "6.1.0-32-amd64"])("is fine on kernel %s", (kernel) => {
    expect(plan(kernel)).not.toThrow();
  });
});

test.each<[string, Mapping, string | undefined]>([
  [
    "1.28.0",
    { kubeProxy: { mode: "nftables" } },
    "kubeProxy.mode: nftables is not there in Kubernetes 1.28.0, but from 1.31 on; use iptables or ipvs",
  ],
  [
    "1.30.0",
    { kubeProxy: { mode: "nftables" } },
    "or set kubeProxy.extra.featureGates.NFTablesProxyMode: true",
  ],
  [
    "1.30.0",
    { kubeProxy: { mode: "nftables", extra: { featureGates: { NFTablesProxyMode: true } } } },
    undefined,
  ],
  ["1.31.0", { kubeProxy: { mode: "nftables" } }, undefined],
  [
    "1.29.0",
    { kubelet: { config: { memorySwap: { swapBehavior: "LimitedSwap" } } } },
    "kubelet.config.memorySwap.swapBehavior: LimitedSwap takes the feature NodeSwap, which is off in Kubernetes 1.29.0",
  ],
  ["1.30.0", { kubelet: { config: { memorySwap: { swapBehavior: "LimitedSwap" } } } }, undefined],
])("in the configuration, Kubernetes %s and %j: %s", (kubernetesVersion, changes, expected) => {
  const found = mistakes(config({ kubernetesVersion, ...changes })).filter((text) =>
    /nftables|NodeSwap/.test(text),
  );
  expect(found).toEqual(expected === undefined ? [] : [expect.stringContaining(expected)]);
});

test("the bridge's configuration is of a version that the plugins read", () => {
  const version = (plugins: "distribution" | "provided") =>
    bodyOf(cni.requirements({ type: "bridge", plugins }, facts, context), "/etc/cni/net.d/10-bridge.conf");
  expect(version("distribution")).toContain('"cniVersion": "0.4.0"');
  expect(version("provided")).toContain('"cniVersion": "0.4.0"');
});

test("cgroup v1 is warned of where the kubelet does not start on it", () => {
  const args = {
    type: "containerd",
    source: "distribution",
    cgroupDriver: "systemd",
    sandboxImage: "x",
  } as const;
  const warnings = (version: string, cgroupVersion: 1 | 2) =>
    containerRuntime.warnings?.(
      args,
      { ...facts, cgroupVersion },
      { node: of(version), requirements: [], differing: [] },
    );
  expect(warnings("1.35.0", 1)).toEqual([
    expect.stringContaining("boot it with systemd.unified_cgroup_hierarchy=1"),
  ]);
  expect(warnings("1.34.2", 1)).toEqual([]);
  expect(warnings("1.35.0", 2)?.join()).not.toContain("cgroup v1");
});

test("cri-dockerd tells of both addresses of a pod where there are two", () => {
  const args = {
    type: "docker",
    source: "distribution",
    cgroupDriver: "systemd",
    sandboxImage: "x",
  } as const;
  const command = (podCidrs: readonly string[]) =>
    bodyOf(
      containerRuntime.requirements(args, facts, { ...context, podCidrs }),
      "/etc/systemd/system/cri-docker.service.d/10-nodeprep.conf",
    );
  expect(command(["10.200.0.0/16", "fd00:10::/56"])).toContain(" --ipv6-dual-stack\n");
  expect(command(["10.200.0.0/16"])).not.toContain("dual-stack");
});
