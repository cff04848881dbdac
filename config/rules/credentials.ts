import { checkCa, checkCertificate, type CertificateFindings, type Material } from "../certificates";
import { formatPath, show, showKey, type Path } from "../errors";
import { warnOnce, type Context } from "../findings";
import { checkKubeconfig } from "../kubeconfig";
import type { ClusterConfig, Draft } from "../schema";
import { nodePlaceholder } from "../schema/credentials";
import { Secret } from "../secret";
import { expandHome } from "../sources";
import type { KubeletApiAccessSpec, NodeSpec, SecretId } from "../types";

type Cluster = Draft<ClusterConfig>;
type Node = Draft<ClusterConfig["nodes"][string]>;

/** What of a node goes there as secrets, and who its kubelet says it is. */
export type NodeCredentials = Pick<NodeSpec, "secrets" | "kubeletIdentity">;

/** The two keys of one thing, and where they stand. */
interface Ways {
  readonly keys: Readonly<Record<string, unknown>>;
  readonly path: Path;
}

/**
 * Finds what the nodes' kubelets and kube-proxies identify themselves with, and checks it before it is sent anywhere:
 * certificates that hold, keys that belong to them, a CA that signed them.
 */
export function resolveCredentials(
  cluster: Cluster,
  context: Context,
): Readonly<Record<string, NodeCredentials>> {
  const now = context.sources.now ?? new Date();
  const found = (findings: CertificateFindings): void => tellOnce(context, findings);
  const ca = cluster.kubelet && material("ca", [{ keys: cluster.kubelet, path: ["kubelet"] }], "", context);
  if (ca !== undefined) found(checkCa(ca, now));
  const identities = new Map<string, string>();
  const proxies = new Set<string>();
  return Object.fromEntries(
    Object.entries(cluster.nodes ?? {}).map(([name, node]) => {
      ownWithoutUse(cluster, name, node ?? {}, context);
      if (node?.role !== "worker") return [name, { secrets: {} }];
      const given = nodeMaterial(cluster, name, node, context);
      const { certificate, kubeconfig, proxy } = given;
      if (certificate !== undefined) found(checkCertificate(certificate, given.privateKey, ca, now));
      const identity = kubeconfig && checkKubeconfig(kubeconfig, now);
      if (identity !== undefined) found(identity);
      // most often one for all nodes, and reading it is what takes longest here
      const shared = JSON.stringify(proxy);
      if (proxy !== undefined && !proxies.has(shared)) found(checkKubeconfig(proxy, now));
      proxies.add(shared);
      const kubeletIdentity = nodeIdentity(identity?.commonName, kubeconfig, name, identities, context);
      return [
        name,
        { secrets: secretsOf({ ...given, ca }), ...(kubeletIdentity ? { kubeletIdentity } : {}) },
      ];
    }),
  );
}

/** The kubeconfig with which the cluster itself is told something, where one is given. */
export function resolveApiAccess(
  { kubeletApiAccess: keys }: Cluster,
  context: Context,
): KubeletApiAccessSpec | undefined {
  if (keys === undefined) return undefined;
  const given = material("kubeconfig", [{ keys, path: ["kubeletApiAccess"] }], "", context);
  if (given === undefined) return undefined;
  const { problems, warnings } = checkKubeconfig(given, context.sources.now ?? new Date());
  context.problems.push(...problems);
  context.warnings.push(...warnings);
  return { kubeconfig: new Secret(given.text), user: keys.user ?? "kubernetes" };
}

interface Given {
  readonly certificate: Material | undefined;
  readonly privateKey: Material | undefined;
  readonly kubeconfig: Material | undefined;
  readonly proxy: Material | undefined;
}

function nodeMaterial({ kubelet, kubeProxy }: Cluster, name: string, node: Node, context: Context): Given {
  const own = { keys: node.kubelet ?? {}, path: ["nodes", name, "kubelet"] };
  const ways = kubelet === undefined ? [] : [own, { keys: kubelet, path: ["kubelet"] }];
  const proxy = kubeProxy === undefined ? [] : [{ keys: kubeProxy, path: ["kubeProxy"] }];
  return {
    certificate: material("certificate", ways, name, context),
    privateKey: material("privateKey", ways, name, context),
    kubeconfig: material("kubeconfig", ways, name, context),
    proxy: material("kubeconfig", proxy, name, context),
  };
}

function secretsOf(given: Given & { readonly ca: Material | undefined }): NodeCredentials["secrets"] {
  const parts: Readonly<Record<SecretId, Material | undefined>> = {
    "kubelet-ca.crt": given.ca,
    "kubelet.crt": given.certificate,
    "kubelet.key": given.privateKey,
    "kubelet.kubeconfig": given.kubeconfig,
    "kube-proxy.kubeconfig": given.proxy,
  };
  return Object.fromEntries(
    Object.entries(parts).flatMap(([id, one]) => (one === undefined ? [] : [[id, new Secret(one.text)]])),
  );
}

/** The text of `name` or of the file that `nameFile` names, from the first place that has one of them. */
function material(name: string, ways: readonly Ways[], node: string, context: Context): Material | undefined {
  const [first] = ways;
  if (first === undefined) return undefined;
  const place = ways.find(({ keys }) => keys[name] !== undefined || keys[`${name}File`] !== undefined);
  if (place === undefined) {
    missing(name, ways.at(-1) ?? first, node, context);
    return undefined;
  }
  const { keys, path } = place;
  const [own, file] = [keys[name], keys[`${name}File`]];
  if (own !== undefined && file !== undefined) {
    const once = {
      path,
      allowed: `has ${name} and ${name}File, must have one of them`,
      remedy: "remove the other",
    };
    pushOnce(context, once);
    return undefined;
  }
  if (typeof own === "string") return { text: normal(own), path: [...path, name], shown: "[secret]" };
  return fromFile(String(file), [...path, `${name}File`], node, context);
}

function fromFile(pattern: string, path: Path, node: string, context: Context): Material | undefined {
  const name = pattern.replaceAll(nodePlaceholder, node);
  const read = context.sources.readFile(expandHome(name, context.sources.home));
  if ("text" in read) return { text: normal(read.text), path, shown: show(name) };
  pushOnce(context, {
    path,
    value: show(name),
    allowed: read.error,
    remedy: "correct the path, or make the file",
  });
  return undefined;
}

function missing(name: string, { path }: Ways, node: string, context: Context): void {
  const whose = node === "" || path[0] === "kubeProxy" ? "" : `, or of nodes.${showKey(node)}.kubelet`;
  pushOnce(context, {
    path: [...path, `${name}File`],
    allowed: `is missing, must be the file of the ${name}, or ${name} its text${whose}`,
    remedy: `add it, for example \`${name}File: certs/${node === "" ? name : `${nodePlaceholder}.pem`}\``,
  });
}

/** What many nodes share is one mistake. */
function pushOnce({ problems }: Context, problem: Context["problems"][number]): void {
  const text = JSON.stringify([problem.path, problem.value]);
  if (!problems.some((other) => JSON.stringify([other.path, other.value]) === text)) problems.push(problem);
}

/** Many nodes may share a file: what is wrong with it is said once, and all of it. */
function tellOnce(context: Context, { problems, warnings }: CertificateFindings): void {
  const told = new Set(context.problems.map((problem) => JSON.stringify(problem)));
  context.problems.push(...problems.filter((problem) => !told.has(JSON.stringify(problem))));
  warnOnce(context, warnings);
}

/** One text whatever the editor: it is compared with what is on the node. */
const normal = (text: string): string => `${text.replace(/\r\n/g, "\n").trimEnd()}\n`;

function ownWithoutUse({ kubelet }: Cluster, name: string, node: Node, { problems }: Context): void {
  if (node.kubelet === undefined || (kubelet !== undefined && node.role === "worker")) return;
  problems.push({
    path: ["nodes", name, "kubelet"],
    allowed:
      kubelet === undefined
        ? "belongs to no kubelet, there is no kubelet section"
        : "is of no use, the node is no worker",
    remedy: kubelet === undefined ? "add kubelet, or remove this" : "remove it",
  });
}

/** Two kubelets with one identity would be one node to the API server. */
function nodeIdentity(
  commonName: string | undefined,
  kubeconfig: Material | undefined,
  name: string,
  taken: Map<string, string>,
  context: Context,
): string | undefined {
  if (commonName === undefined || kubeconfig === undefined) return undefined;
  const identity = /^system:node:(.+)$/.exec(commonName)?.[1];
  const other = taken.get(commonName);
  taken.set(commonName, other ?? name);
  if (other !== undefined)
    context.problems.push({
      path: kubeconfig.path,
      value: kubeconfig.shown,
      allowed: `is for ${commonName} on ${showKey(name)}, and ${showKey(other)} has that identity too`,
      remedy: `give each node a certificate of its own, for example system:node:${showKey(name)}`,
    });
  else if (identity === undefined)
    context.warnings.push(
      `${formatPath(kubeconfig.path)}: ${kubeconfig.shown} is for ${show(commonName)}, no system:node: name: the API server's node authorizer will refuse the kubelet of ${showKey(name)}.`,
    );
  return identity;
}
