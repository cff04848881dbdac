import { inspect } from "node:util";
import type { Sources } from "../../../config/sources";
import * as pki from "./certificates";
import { cluster, config, mistakes, node, sources, warnings, type Mapping } from "./fixtures";

const from = (files: Readonly<Record<string, string>> = {}, now = pki.now): Sources => ({
  ...sources({ ...pki.files, ...files }),
  now,
});

const worker = (kubelet: Mapping = {}, nodes: Mapping = { "node-1": node({ podSubnet: "10.200.1.0/24" }) }) =>
  config({ kubelet: { ...pki.kubelet, ...kubelet }, nodes });

const two = {
  "node-1": node({ podSubnet: "10.200.1.0/24" }),
  "node-2": node({ host: "192.0.2.11", podSubnet: "10.200.2.0/24" }),
};

describe("what a kubelet identifies itself with", () => {
  test("is found in each node's own files and becomes secrets", () => {
    const spec = cluster(worker({}, two), from());
    expect(spec.nodes.map(({ secrets }) => secrets["kubelet.crt"]?.reveal())).toEqual([pki.node1, pki.node2]);
    expect(spec.nodes.map(({ kubeletIdentity }) => kubeletIdentity)).toEqual(["node-1", "node-2"]);
    expect(Object.keys(spec.nodes[0]?.secrets ?? {})).toEqual([
      "kubelet-ca.crt",
      "kubelet.crt",
      "kubelet.key",
      "kubelet.kubeconfig",
    ]);
    expect(inspect(spec, { depth: 9, showHidden: true })).not.toContain("PRIVATE KEY");
  });

  test("may stand in the configuration, the node's own before the cluster's, whatever the editor", () => {
    const own = {
      certificate: pki.node1.replaceAll("\n", "\r\n"),
      privateKey: pki.node1Key.trimEnd(),
      kubeconfig: pki.kubeconfig(),
    };
    const nodes = { "node-1": node({ podSubnet: "10.200.1.0/24", kubelet: own }) };
    const value = config({ kubelet: { ca: pki.ca }, nodes });
    expect(cluster(value, from()).nodes[0]?.secrets["kubelet.key"]?.reveal()).toBe(pki.node1Key);
    expect(cluster(value, from()).nodes[0]?.secrets["kubelet.crt"]?.reveal()).toBe(pki.node1);
  });

  test("is not asked of a control plane node", () => {
    const nodes = { ...two, "node-0": node({ host: "192.0.2.12", role: "control-plane" }) };
    expect(cluster(worker({}, nodes), from()).nodes.at(-1)?.secrets).toEqual({});
  });

  test("may have been signed by a CA between, which comes along", () =>
    expect(
      mistakes(
        worker(),
        from({ "/node-1.crt": pki.signedBetween + pki.between, "/node-1.key": pki.betweenKey }),
      ),
    ).toEqual([]));
});

const path = "kubelet.certificateFile";
const subject = "(O=system:nodes, CN=system:node:node-1)";

test.each<[string, Readonly<Record<string, string>>, string]>([
  [
    "a key that does not match",
    { "/node-1.key": pki.node2Key },
    `kubelet.privateKeyFile: /node-1.key is not the key of the certificate /node-1.crt ${subject}; name the two files that were made together`,
  ],
  [
    "a CA that did not sign",
    { "/ca.crt": pki.otherCa },
    `${path}: /node-1.crt ${subject} was not signed by the CA /ca.crt (CN=Other); name the CA that signed it, or put both CAs into one file, one after the other`,
  ],
  [
    "a CA of the same name that did not sign",
    { "/ca.crt": pki.sameName },
    `${path}: /node-1.crt ${subject} was not signed by the CA /ca.crt (CN=Kubernetes); name the CA that signed it, or put both CAs into one file, one after the other`,
  ],
  [
    "a CA between that is missing",
    { "/node-1.crt": pki.signedBetween, "/node-1.key": pki.betweenKey },
    `${path}: /node-1.crt (CN=system:node:node-1) was not signed by the CA /ca.crt (CN=Kubernetes); name the CA that signed it, or put both CAs into one file, one after the other`,
  ],
  [
    "no certificate",
    { "/node-1.crt": pki.node1Key },
    `${path}: /node-1.crt holds no certificate in PEM that can be read; name a file that begins with -----BEGIN CERTIFICATE-----`,
  ],
  [
    "no CA",
    { "/ca.crt": "nothing" },
    "kubelet.caFile: /ca.crt holds no certificate in PEM that can be read; name a file that begins with -----BEGIN CERTIFICATE-----",
  ],
  [
    "two CAs without a line break between them",
    { "/ca.crt": pki.otherCa.trimEnd() + pki.ca },
    "kubelet.caFile: /ca.crt has a certificate that begins on the last line of the one before it; put a line break between them",
  ],
  [
    "no key",
    { "/node-1.key": "-----BEGIN ENCRYPTED PRIVATE KEY-----" },
    "kubelet.privateKeyFile: /node-1.key holds no private key in PEM that can be read without a passphrase; bring it into that form with `openssl pkey -in <file> -out <new file>`",
  ],
  [
    "no kubeconfig",
    { "/node-1.kubeconfig": "a: [" },
    "kubelet.kubeconfigFile: /node-1.kubeconfig is no kubeconfig: the text is missing or wrong; make it with `kubectl config --kubeconfig=<file> set-cluster …, set-credentials …, set-context …, use-context …`",
  ],
  [
    "a kubeconfig whose current context is not there",
    { "/node-1.kubeconfig": pki.kubeconfig(pki.node1, pki.node1Key, { "current-context": "none" }) },
    "kubelet.kubeconfigFile: /node-1.kubeconfig names a context that is not in it; correct its current-context",
  ],
  [
    "a kubeconfig with a key that does not match",
    { "/node-1.kubeconfig": pki.kubeconfig(pki.node1, pki.node2Key) },
    `kubelet.kubeconfigFile: /node-1.kubeconfig holds a client key that is not the key of the certificate /node-1.kubeconfig ${subject}; name the two files that were made together`,
  ],
  [
    "a kubeconfig that names files of another machine",
    {
      "/node-1.kubeconfig": pki.kubeconfig(pki.node1, pki.node1Key, {
        users: [{ name: "me", user: { "client-certificate": "node-1.crt", "client-key": "/x" } }],
      }),
    },
    "kubelet.kubeconfigFile: /node-1.kubeconfig names the file node-1.crt, which is not on the node; make it with --embed-certs=true, or name an absolute path of the node",
  ],
  [
    "a kubeconfig that names a key of another machine",
    {
      "/node-1.kubeconfig": pki.kubeconfig(pki.node1, pki.node1Key, {
        users: [{ name: "me", user: { "client-certificate": "/x", "client-key": "node-1.key" } }],
      }),
    },
    "kubelet.kubeconfigFile: /node-1.kubeconfig names the file node-1.key, which is not on the node; make it with --embed-certs=true, or name an absolute path of the node",
  ],
  [
    "a kubeconfig that names a token of another machine",
    {
      "/node-1.kubeconfig": pki.kubeconfig(pki.node1, pki.node1Key, {
        users: [{ name: "me", user: { tokenFile: "token" } }],
      }),
    },
    "kubelet.kubeconfigFile: /node-1.kubeconfig names the file token, which is not on the node; make it with --embed-certs=true, or name an absolute path of the node",
  ],
  [
    "a kubeconfig without credentials",
    { "/node-1.kubeconfig": pki.kubeconfig(pki.node1, pki.node1Key, { users: [{ name: "me", user: {} }] }) },
    "kubelet.kubeconfigFile: /node-1.kubeconfig has no credentials for its user; add a client certificate with its key, or a token",
  ],
])("%s is refused before it is sent", (_name, files, mistake) =>
  expect(mistakes(worker(), from(files))).toEqual([mistake]),
);

test("a certificate that has expired, or holds later, is refused; both sides of it are named", () => {
  const at = (time: string) => mistakes(worker(), from({}, new Date(time)));
  expect(at("2028-01-01T00:00:00Z")).toEqual([
    `${path}: /node-1.crt ${subject} expired on 2027-11-21; have a new one signed`,
    `kubelet.kubeconfigFile: /node-1.kubeconfig holds a client certificate that ${subject} expired on 2027-11-21; have a new one signed`,
  ]);
  expect(at("2026-01-01T00:00:00Z")).toContain(
    `${path}: /node-1.crt ${subject} holds only from 2026-11-21T17:54:13.000Z on; check this machine's clock, or wait`,
  );
});

test("a certificate that expires within 30 days is a warning", () => {
  const said = (time: string) => warnings(worker(), from({}, new Date(time)));
  expect(said("2027-10-01T00:00:00Z")).toEqual([]);
  expect(said("2027-11-01T00:00:00Z")).toEqual([
    `nodeprep:cluster.${path}: /node-1.crt ${subject} expires in 20 days, on 2027-11-21; have a new one signed`,
    `nodeprep:cluster.kubelet.kubeconfigFile: /node-1.kubeconfig ${subject} expires in 20 days, on 2027-11-21; have a new one signed`,
  ]);
});

test("two kubelets cannot have one identity", () =>
  expect(mistakes(worker({}, two), from({ "/node-2.kubeconfig": pki.kubeconfig() }))).toEqual([
    "kubelet.kubeconfigFile: /node-2.kubeconfig is for system:node:node-1 on node-2, and node-1 has that identity too; give each node a certificate of its own, for example system:node:node-2",
  ]));

test("a kubeconfig that is no node's is a warning", () =>
  expect(warnings(worker(), from({ "/node-1.kubeconfig": pki.kubeconfig(pki.admin, pki.adminKey) }))).toEqual(
    [
      "nodeprep:cluster.kubelet.kubeconfigFile: /node-1.kubeconfig is for admin, no system:node: name: the API server's node authorizer will refuse the kubelet of node-1.",
    ],
  ));

describe("what is missing or given twice", () => {
  test("is said once of a file that many nodes share", () => {
    const shared = { kubeProxy: { kubeconfigFile: "/proxy" } };
    const value = config({ ...shared, nodes: two });
    const broken = mistakes(value, from({ "/proxy": "no kubeconfig" }));
    expect(broken).toEqual([expect.stringContaining("kubeProxy.kubeconfigFile: /proxy ")]);
    const late = from({ "/proxy": pki.kubeconfig() }, new Date("2027-11-01T00:00:00Z"));
    expect(warnings(value, late)).toHaveLength(1);
  });

  test("is said once, however many nodes miss it", () =>
    expect(mistakes(config({ kubelet: {}, nodes: two }), from()).map((text) => text.split(":")[0])).toEqual([
      "kubelet.caFile",
      "kubelet.certificateFile",
      "kubelet.privateKeyFile",
      "kubelet.kubeconfigFile",
    ]));

  test("a file that is not there is named for its node", () =>
    expect(mistakes(worker({ certificateFile: "/none/{node}.crt" }), from())).toEqual([
      `${path}: /none/node-1.crt does not exist; correct the path, or make the file`,
    ]));

  test("both ways at once", () =>
    expect(mistakes(worker({ ca: pki.ca }), from())).toEqual([
      "kubelet: has ca and caFile, must have one of them; remove the other",
    ]));

  test("a node's own where no kubelet is", () =>
    expect(
      mistakes(
        config({ nodes: { "node-1": node({ kubelet: { certificateFile: "/node-1.crt" } }) } }),
        from(),
      ),
    ).toEqual([
      "nodes.node-1.kubelet: belongs to no kubelet, there is no kubelet section; add kubelet, or remove this",
    ]));

  test("a node's own where the node is no worker", () => {
    const own = node({ role: "control-plane", kubelet: { certificateFile: "/node-1.crt" } });
    expect(mistakes(worker({}, { "node-1": own }), from())).toEqual([
      "nodes.node-1.kubelet: is of no use, the node is no worker; remove it",
    ]);
  });
});

test("a kubeconfig may ask a program of the node for its credentials", () => {
  const users = [{ name: "me", user: { exec: { command: "/usr/local/bin/login" } } }];
  const files = { "/node-1.kubeconfig": pki.kubeconfig(pki.node1, pki.node1Key, { users }) };
  expect(mistakes(worker(), from(files))).toEqual([]);
});

test("the kubeconfig for the API server is checked like a kubelet's", () => {
  const value = config({ kubeletApiAccess: { kubeconfigFile: "/kube-proxy.kubeconfig" } });
  expect(mistakes(value, from({}, new Date("2028-01-01T00:00:00Z")))).toEqual([
    expect.stringContaining(
      "kubeletApiAccess.kubeconfigFile: /kube-proxy.kubeconfig holds a client certificate",
    ),
  ]);
  expect(warnings(value, from({}, new Date("2027-11-01T00:00:00Z")))).toEqual([
    expect.stringContaining("kubeletApiAccess.kubeconfigFile: /kube-proxy.kubeconfig (CN=admin"),
  ]);
});
