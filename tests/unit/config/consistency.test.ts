import { runtimes } from "../../../components/container-runtime";
import type { Sources } from "../../../config/sources";
import * as pki from "./certificates";
import { cluster, config, mistakes, node, sources, warnings, type Mapping } from "./fixtures";

const from: Sources = { ...sources(pki.files), now: pki.now, runtimes };

/** A worker with everything that can contradict something. */
const whole = (changes: Mapping = {}): Mapping =>
  config({
    kubelet: pki.kubelet,
    kubeProxy: { kubeconfigFile: "/kube-proxy.kubeconfig" },
    nodes: { "node-1": node({ podSubnet: "10.200.1.0/24" }) },
    ...changes,
  });

const kubelet = (settings: Mapping): Mapping => ({ ...pki.kubelet, config: settings });
const kubeProxy = (more: Mapping): Mapping => ({ kubeconfigFile: "/kube-proxy.kubeconfig", ...more });

test("a whole worker contradicts nothing", () => {
  expect(mistakes(whole(), from)).toEqual([]);
  expect(warnings(whole(), from)).toEqual([]);
});

test.each<[string, Mapping, string]>([
  [
    "cgroup drivers",
    { kubelet: kubelet({ cgroupDriver: "cgroupfs" }) },
    "kubelet.config.cgroupDriver: cgroupfs is not the runtime's, runtime.cgroupDriver is systemd: no pod would start; remove it: the kubelet gets the runtime's",
  ],
  [
    "CRI sockets",
    { kubelet: kubelet({ containerRuntimeEndpoint: "unix:///var/run/crio/crio.sock" }) },
    "kubelet.config.containerRuntimeEndpoint: unix:///var/run/crio/crio.sock is not the socket of runtime.type containerd, unix:///run/containerd/containerd.sock; remove it: the kubelet gets the runtime's",
  ],
  [
    "the folder of the CNI plugins",
    { cni: { binDir: "/usr/lib/cni" } },
    "cni.binDir: /usr/lib/cni is not where runtime.type containerd looks, /opt/cni/bin: pods would get no network; remove it",
  ],
  [
    "the folder of their configuration",
    { cni: { confDir: "/etc/cni" } },
    "cni.confDir: /etc/cni is not where runtime.type containerd looks, /etc/cni/net.d: pods would get no network; remove it",
  ],
  [
    "clusterCIDR and podCidr",
    { kubeProxy: kubeProxy({ clusterCIDR: "10.201.0.0/16" }) },
    "kubeProxy.clusterCIDR: 10.201.0.0/16 is not podCidr, 10.200.0.0/16, which the controller manager gets as --cluster-cidr; remove it: kube-proxy gets podCidr",
  ],
  [
    "plugins of a release that is not named",
    { cni: { plugins: "release" } },
    "cni.release: is missing, but cni.plugins is release; add it: { version: 1.8.0, sha256: { amd64: … } }",
  ],
  [
    "plugins from two places",
    { cni: { plugins: "distribution", release: { version: "1.8.0", sha256: { amd64: "a".repeat(64) } } } },
    "cni.plugins: distribution goes without cni.release, which is given too; remove one of the two",
  ],
  [
    "a bridge without a subnet",
    { nodes: { "node-1": node() } },
    "nodes.node-1.podSubnet: is missing, but cni.type is bridge, which gives node-1's pods addresses from it; add a part of podCidr that no other node has, or use another cni.type",
  ],
  [
    "a subnet outside the pod network",
    { nodes: { "node-1": node({ podSubnet: "10.201.1.0/24" }) } },
    "nodes.node-1.podSubnet: 10.201.1.0/24 lies outside podCidr 10.200.0.0/16; use a subnet of it, e.g. 10.200.1.0/24",
  ],
  [
    "subnets of two nodes",
    {
      nodes: {
        "node-1": node({ podSubnet: "10.200.1.0/24" }),
        "node-2": node({ host: "192.0.2.11", podSubnet: "10.200.1.128/25" }),
      },
    },
    "nodes.node-2.podSubnet: 10.200.1.128/25 overlaps the node-1 node's podSubnet 10.200.1.0/24; give each node a subnet of its own, e.g. 10.200.2.0/24",
  ],
  [
    "pods and services",
    { serviceCidr: "10.200.32.0/24" },
    "serviceCidr: 10.200.32.0/24 overlaps podCidr 10.200.0.0/16; use a network apart from it that nothing else in your network uses",
  ],
  [
    "pods and machines",
    { nodes: { "node-1": node({ host: "10.200.9.9", podSubnet: "10.200.1.0/24" }) } },
    "nodes.node-1.host: 10.200.9.9 lies inside podCidr 10.200.0.0/16, so pods could not reach the machine; choose podCidr apart from the machines' networks",
  ],
  [
    "services and machines",
    { nodes: { "node-1": node({ host: "10.32.0.9", podSubnet: "10.200.1.0/24" }) } },
    "nodes.node-1.host: 10.32.0.9 lies inside serviceCidr 10.32.0.0/24, so pods could not reach the machine; choose serviceCidr apart from the machines' networks",
  ],
  [
    "an extra setting with a key of its own",
    { kubelet: { ...pki.kubelet, extra: { maxPods: 110 } } },
    "kubelet.extra.maxPods: has a key of its own; set kubelet.config.maxPods",
  ],
  [
    "the same for kube-proxy",
    { kubeProxy: kubeProxy({ extra: { mode: "ipvs" } }) },
    "kubeProxy.extra.mode: has a key of its own; set kubeProxy.mode",
  ],
  [
    "the pods' subnet of the kubelet, which is each node's",
    { kubelet: { ...pki.kubelet, extra: { podCIDR: "10.200.1.0/24" } } },
    "kubelet.extra.podCIDR: has a key of its own; set the nodes' podSubnet",
  ],
  [
    "the pods' network as an extra setting",
    { kubeProxy: kubeProxy({ extra: { clusterCIDR: "10.201.0.0/16" } }) },
    "kubeProxy.extra.clusterCIDR: has a key of its own; set kubeProxy.clusterCIDR",
  ],
  [
    "kernelspace",
    { kubeProxy: kubeProxy({ mode: "kernelspace" }) },
    "kubeProxy.mode: kernelspace is for Windows nodes only; use iptables, ipvs or nftables",
  ],
])("what contradicts is refused, and both sides are named: %s", (_name, changes, mistake) =>
  expect(mistakes(whole(changes), from)).toEqual([mistake]),
);

test("the same said in other words is no contradiction", () => {
  const same = {
    kubelet: kubelet({
      cgroupDriver: "systemd",
      containerRuntimeEndpoint: "unix:///var/run/containerd/containerd.sock",
    }),
    kubeProxy: kubeProxy({ clusterCIDR: ["10.200.0.0/16"] }),
  };
  expect(cluster(whole(same), from)).toEqual(cluster(whole(), from));
});

test("an extra setting may have any name that is no other's", () =>
  expect(mistakes(whole({ kubelet: { ...pki.kubelet, extra: { constructor: "x" } } }), from)).toEqual([]));

test("other folders of CNI are no good with plugins that others bring either: the runtime does not look there", () =>
  expect(mistakes(config({ cni: { plugins: "none", binDir: "/usr/lib/cni" } }), from)).toEqual([
    "cni.binDir: /usr/lib/cni is not where runtime.type containerd looks, /opt/cni/bin: pods would get no network; remove it",
  ]));

test("a kubelet on a port that the firewall does not open is a warning", () => {
  const settings = { kubelet: kubelet({ port: 10251 }) };
  expect(warnings(whole(settings), from)).toEqual([
    "nodeprep:cluster.kubelet.config.port is 10251, but the firewall opens 10250: add 10251/tcp to firewall.extraPorts.",
  ]);
  const open = (port: string) =>
    warnings(whole({ ...settings, firewall: { extraPorts: ["80/tcp", port] } }), from);
  expect(open("10251/tcp")).toEqual([]);
  expect(open("10000-11000/tcp")).toEqual([]);
  expect(open("10000-11000/udp")).toHaveLength(1);
  expect(warnings(whole({ ...settings, firewall: { backend: "none" } }), from)).toEqual([]);
});
