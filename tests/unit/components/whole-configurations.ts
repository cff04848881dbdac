import { createHash } from "node:crypto";
import type { Sources } from "../../../config/sources";
import * as pki from "../config/certificates";
import { config, ed25519, node, plainKeys, sources, type Mapping } from "../config/fixtures";
import { fingerprint, key } from "../config/pgp-key";

/*
 * Valid configurations which together have every key that takes a text, each with the keys beside it that it needs:
 * what is put in a key's place in one of them can only be refused for itself.
 */
const sumOf = (what: string) => ({ amd64: createHash("sha256").update(what).digest("hex") });
const release = (version: string, project: string): Mapping => ({
  version,
  url: `https://mirror.example.org/${project}-{version}-{arch}.tgz`,
  sha256: sumOf(project),
});
/** Not of its version's name: with another version, its own file would be missing. */
const pushed = (version: string, project: string): Mapping => ({
  version,
  file: `/releases/${project}-{arch}.tgz`,
  sha256: sumOf(project),
});
const repository = {
  url: "https://mirror.example.org/debian",
  suite: "bookworm",
  components: ["stable"],
  fingerprint,
};
const programs = ["kubelet", "kube-proxy", "kubectl", "kubeadm"];
const program =
  Buffer.from("\x7fELF\x02\x01", "latin1").toString("latin1").padEnd(18, "\0") + "\x3e".padEnd(46, "\0");
const file = {
  key: "/keys/deploy",
  knownHosts: "/keys/known_hosts",
  asc: "/keys/repository.asc",
  kubeconfig: "/keys/kubeconfig",
  machines: "/keys/machines.txt",
};

/** Everything outside themselves that the configurations name. */
export const from: Sources = {
  ...sources({
    ...pki.files,
    [file.key]: plainKeys.private,
    [file.knownHosts]: ["192.0.2.10", "192.0.2.20", "198.51.100.1", ""].join(` ${ed25519}\n`),
    [file.asc]: key,
    [file.kubeconfig]: pki.kubeconfig(),
    [file.machines]: "192.0.2.20 node-9.example.org node-9\n",
    ...Object.fromEntries(programs.map((name) => [`/bin/amd64/${name}`, program])),
    "/releases/runc.amd64": program,
    ...Object.fromEntries(
      ["cni", "containerd", "crictl", "cri-dockerd"].map((name) => [`/releases/${name}-amd64.tgz`, name]),
    ),
  }),
  now: pki.now,
};

const packaged = config({
  podCidr: "10.200.0.0/16",
  serviceCidr: "10.32.0.0/24",
  hostNames: "managed",
  ssh: {
    user: "root",
    agent: true,
    bastion: { host: "198.51.100.1", user: "jump", hostKey: ed25519 },
  },
  admin: { name: "kube", authorizedKeys: [ed25519] },
  kernel: {
    modules: ["ip_vs"],
    sysctls: { "net.core.somaxconn": "1024" },
    modulesFile: "k8s.conf",
    sysctlFile: "k8s.conf",
  },
  swap: "disabled",
  selinux: "permissive",
  firewall: {
    backend: "firewalld",
    zone: "public",
    extraPorts: ["8080/tcp"],
    sshSources: ["198.51.100.0/24"],
    controlPlaneSources: ["192.0.2.0/24"],
  },
  runtime: {
    type: "containerd",
    source: "docker",
    version: "1.7.28-1",
    cgroupDriver: "systemd",
    sandboxImage: "registry.k8s.io/pause:3.10.1",
    registryMirrors: {
      "docker.io": [{ url: "https://mirror.example.org", username: "nodes", password: "hunter2" }],
    },
    repository: { ...repository, key },
  },
  kubernetes: { source: "packages", repository: { ...repository, key }, revision: "1.1" },
  kubeadm: {
    controlPlaneEndpoint: "api.example.org:6443",
    caCertHashes: [`sha256:${sumOf("the CA").amd64}`],
  },
  nodes: { "node-1": node({ podSubnet: "10.200.1.0/24", retire: "undo", fqdn: "node-1.example.org" }) },
});

const kubelet = {
  config: {
    address: "0.0.0.0",
    authentication: { x509: { clientCAFile: "/var/lib/kubelet/ca.crt" } },
    authorization: { mode: "Webhook" },
    cgroupDriver: "systemd",
    containerRuntimeEndpoint: "unix:///run/containerd/containerd.sock",
    memorySwap: { swapBehavior: "NoSwap" },
    resolvConf: "/etc/resolv.conf",
    runtimeRequestTimeout: "15m",
    tlsCertFile: "/var/lib/kubelet/kubelet.crt",
    tlsPrivateKeyFile: "/var/lib/kubelet/kubelet.key",
  },
  extra: { clusterDomain: "cluster.local" },
};
const worker = (changes: Mapping): Mapping => ({
  "node-1": node({ podSubnet: "10.200.1.0/24", ...changes }),
});

/** Each thing from its project. */
const released = config({
  podCidr: "10.200.0.0/16",
  cni: {
    type: "bridge",
    plugins: "release",
    release: release("1.8.0", "cni"),
    binDir: "/opt/cni/bin",
    confDir: "/etc/cni/net.d",
  },
  runtime: {
    source: "release",
    release: {
      ...release("2.2.0", "containerd"),
      directory: "/usr/local/bin",
      runc: release("1.3.3", "runc"),
    },
  },
  kubernetes: {
    url: "https://mirror.example.org/{version}/{arch}/{name}",
    sha256: Object.fromEntries(programs.map((name) => [name, sumOf(name)])),
    crictl: release("1.34.0", "crictl"),
  },
  nodes: worker({}),
});

/** The same from the operator's machine. */
const fromFiles = config({
  cni: { type: "calico", release: pushed("1.8.0", "cni") },
  runtime: {
    source: "release",
    release: {
      ...pushed("2.2.0", "containerd"),
      runc: { version: "1.3.3", file: "/releases/runc.{arch}", sha256: sumOf(program) },
    },
  },
  kubernetes: {
    files: Object.fromEntries(programs.map((name) => [name, `/bin/{arch}/${name}`])),
    crictl: pushed("1.34.0", "crictl"),
  },
});
const criDockerdFromFile = config({
  runtime: { type: "docker", criDockerd: { release: pushed("0.3.21", "cri-dockerd") } },
});

/** A kubelet by hand whose certificates are in files. Apart from all else, since they take long to check. */
const byHand = config({ kubelet: { ...pki.kubelet, ...kubelet }, nodes: worker({}) });
const withKubeconfigs = config({
  podCidr: "10.200.0.0/16",
  kubeProxy: {
    kubeconfigFile: file.kubeconfig,
    mode: "iptables",
    clusterCIDR: "10.200.0.0/16",
    extra: { metricsBindAddress: "0.0.0.0" },
  },
  kubeletApiAccess: { kubeconfigFile: file.kubeconfig, user: "kubernetes" },
});

/** The other way to say each: texts for files, files for texts; Docker Engine, and a node with all of its own. */
const otherwise = config({
  machines: file.machines,
  ssh: {
    privateKeyFile: file.key,
    knownHostsFile: file.knownHosts,
    bastion: { host: "198.51.100.1", privateKeyFile: file.key },
  },
  kubernetes: { files: "/bin/{arch}/{name}" },
  runtime: {
    type: "docker",
    source: "docker",
    repository: { keyFile: file.asc, fingerprint },
    criDockerd: { version: "0.3.21.3-0" },
  },
  nodes: worker({
    hostKey: undefined,
    ssh: {
      user: "root",
      privateKeyFile: file.key,
      knownHostsFile: file.knownHosts,
      bastion: { host: "198.51.100.1", user: "jump", hostKey: ed25519, privateKeyFile: file.key },
    },
  }),
});

const kubeletTexts = config({
  kubelet: { ca: pki.ca, certificate: pki.node1, privateKey: pki.node1Key, kubeconfig: pki.kubeconfig() },
  nodes: worker({}),
});

/** What is left: keys that go with none of the others. */
const rest = config({
  ssh: { agent: true, knownHostsFile: file.knownHosts },
  runtime: { type: "docker", criDockerd: { release: release("0.3.21", "cri-dockerd") } },
  kubernetes: {
    source: "packages",
    repository: { keyFile: file.asc, fingerprint },
  },
  nodes: worker({ hostKey: undefined, user: "root", ssh: { bastion: "none" } }),
});
/** What is a node's own, in files and as texts. */
const ownFiles = config({
  kubelet: { ca: pki.ca },
  nodes: worker({ kubelet: { ...pki.kubelet, caFile: undefined } }),
});
const ownTexts = config({
  kubelet: { ca: pki.ca },
  nodes: worker({
    kubelet: { certificate: pki.node1, privateKey: pki.node1Key, kubeconfig: pki.kubeconfig() },
  }),
});

/** By what they are of. */
export const configurations: Readonly<Record<string, Mapping>> = {
  ...{ packaged, released, byHand, withKubeconfigs, otherwise, kubeletTexts, rest, ownFiles, ownTexts },
  ...{ fromFiles, criDockerdFromFile },
};
