import { parse } from "yaml";
import {
  apiEndpoint,
  clusterConfiguration,
  initConfiguration,
  joinConfiguration,
  kubeletConfiguration,
} from "../../../components/kubeadm";
import type { ClusterSpec } from "../../../config/types";
import { cluster, config, mistakes, node, type Mapping } from "../config/fixtures";

const token = "abcdef.0123456789abcdef";
const socket = "unix:///run/containerd/containerd.sock";
const hash = `sha256:${"7".repeat(64)}`;
const nodes = { "node-0": node({ role: "control-plane" }), "node-1": node({ host: "192.0.2.11" }) };
const spec = (changes: Mapping = {}): ClusterSpec => cluster(config({ nodes, ...changes }));
const first = (one: ClusterSpec) => one.nodes[0]!;
const second = (one: ClusterSpec) => one.nodes[1]!;

test("ClusterConfiguration says what the nodes were prepared for", () =>
  expect(parse(clusterConfiguration(spec()))).toEqual({
    apiVersion: "kubeadm.k8s.io/v1beta4",
    kind: "ClusterConfiguration",
    clusterName: "dev",
    kubernetesVersion: "v1.34.2",
    controlPlaneEndpoint: "192.0.2.10:6443",
    networking: { podSubnet: "10.200.0.0/16", serviceSubnet: "10.32.0.0/24", dnsDomain: "cluster.local" },
  }));

test.each([
  ["1.30.1", "kubeadm.k8s.io/v1beta3"],
  ["1.31.0", "kubeadm.k8s.io/v1beta4"],
])("Kubernetes %s reads %s", (kubernetesVersion, apiVersion) =>
  expect(parse(clusterConfiguration(spec({ kubernetesVersion })))).toMatchObject({ apiVersion }),
);

test.each([
  ["1.21.14", "kubeadm.k8s.io/v1beta2"],
  ["1.22.17", "kubeadm.k8s.io/v1beta3"],
])("Kubernetes %s, with Docker, reads %s", (kubernetesVersion, apiVersion) => {
  const old = spec({ kubernetesVersion, runtime: { type: "docker" } });
  expect(parse(clusterConfiguration(old))).toMatchObject({ apiVersion });
});

test.each<[string, Mapping, string | undefined]>([
  ["the first control plane node", {}, "192.0.2.10:6443"],
  [
    "an IPv6 host",
    { nodes: { "node-0": node({ role: "control-plane", host: "2001:db8::1" }) } },
    "[2001:db8::1]:6443",
  ],
  ["a load balancer", { kubeadm: { controlPlaneEndpoint: "api.example.org" } }, "api.example.org:6443"],
  [
    "a load balancer with its port",
    { kubeadm: { controlPlaneEndpoint: "[2001:db8::2]:443" } },
    "[2001:db8::2]:443",
  ],
  ["no control plane", { nodes: { "node-1": node() } }, undefined],
])("the API server's endpoint: %s", (_name, changes, endpoint) => {
  expect(apiEndpoint(spec(changes))).toBe(endpoint);
  const { controlPlaneEndpoint } = parse(clusterConfiguration(spec(changes))) as Mapping;
  expect(controlPlaneEndpoint).toBe(endpoint);
});

test("KubeletConfiguration has the runtime's cgroup driver, and minds swap where it is left on", () => {
  expect(parse(kubeletConfiguration(spec()))).toMatchObject({ cgroupDriver: "systemd", failSwapOn: true });
  expect(parse(kubeletConfiguration(spec({ swap: "untouched" })))).toMatchObject({ failSwapOn: false });
});

test("InitConfiguration: with the token, the runtime's socket and the node's address, where that is one", () => {
  expect(parse(initConfiguration(spec(), first(spec()), token, socket))).toEqual({
    apiVersion: "kubeadm.k8s.io/v1beta4",
    kind: "InitConfiguration",
    bootstrapTokens: [
      {
        token,
        ttl: "24h0m0s",
        usages: ["signing", "authentication"],
        groups: ["system:bootstrappers:kubeadm:default-node-token"],
      },
    ],
    localAPIEndpoint: { advertiseAddress: "192.0.2.10", bindPort: 6443 },
    nodeRegistration: { criSocket: "unix:///run/containerd/containerd.sock" },
  });
  const other = spec({ nodes: { "node-0": node({ role: "control-plane", host: "127.0.0.1" }) } });
  expect(Object.keys(parse(initConfiguration(other, first(other), undefined, socket)) as object)).toEqual([
    "apiVersion",
    "kind",
    "nodeRegistration",
  ]);
});

test("JoinConfiguration: a worker's, and another control plane node's", () => {
  const whole = spec({ kubeadm: { caCertHashes: [hash] } });
  expect(parse(joinConfiguration(whole, second(whole), token, socket))).toEqual({
    apiVersion: "kubeadm.k8s.io/v1beta4",
    kind: "JoinConfiguration",
    discovery: {
      bootstrapToken: { apiServerEndpoint: "192.0.2.10:6443", token, caCertHashes: [hash] },
    },
    nodeRegistration: { criSocket: "unix:///run/containerd/containerd.sock" },
  });
  expect(parse(joinConfiguration(whole, first(whole), token, socket))).toMatchObject({
    controlPlane: { localAPIEndpoint: { advertiseAddress: "192.0.2.10", bindPort: 6443 } },
  });
  expect(joinConfiguration(spec(), second(spec()), token, socket)).not.toContain("caCertHashes");
});

test("a token of another form, or two ways to one, are refused", () => {
  expect(mistakes(config({ kubeadm: { joinToken: "abc" } }))).toEqual([
    "kubeadm.joinToken: [secret] must be a token like abcdef.0123456789abcdef, as `kubeadm token generate` prints it; set it with `pulumi config set --secret --path 'nodeprep:cluster.kubeadm.joinToken'`",
  ]);
  expect(mistakes(config({ kubeadm: { joinToken: token, generateJoinToken: true } }))).toEqual([
    "kubeadm.generateJoinToken: true contradicts kubeadm.joinToken, which is given; remove one of the two",
  ]);
});
