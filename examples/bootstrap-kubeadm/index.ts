import { remote } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { parseDocument } from "yaml";
import { preparedStack, type PreparedStack, type PreparedStackNode } from "../../components/prepared-stack";
import { asRoot, logIn } from "../log-in";

/*
 * A cluster of the machines that a stack of nodeprep has prepared, made by kubeadm with the documents of that stack's
 * outputs: `kubeadm init` on the control plane node, then `kubeadm join` on each worker. A stack without a control plane
 * node joins its workers to the cluster that its `kubeadm.controlPlaneEndpoint` and `kubeadm.caCertHashes` name.
 *
 *   pulumi config set stack organization/nodeprep/prod
 *   pulumi config set privateKeyFile /home/me/.ssh/deploy_key   # else: the SSH agent
 *   pulumi config set dryRun true                               # kubeadm checks all, and changes nothing
 *   pulumi up
 *
 * `pulumi destroy` runs `kubeadm reset`, workers first.
 */
const config = new pulumi.Config();
const dryRun = config.getBoolean("dryRun") ?? false;

/** Runs kubeadm on a node with a document on stdin, so that its token is in no file and in no list of processes. */
function kubeadm(
  name: string,
  node: PreparedStackNode,
  words: string,
  document: pulumi.Input<string>,
  dependsOn: pulumi.Resource[],
): remote.Command {
  const create = asRoot(node, `exec kubeadm ${words} --config /dev/stdin${dryRun ? " --dry-run" : ""}`);
  const reset = asRoot(node, `exec kubeadm reset --force --cri-socket ${node.criSocket}`);
  return new remote.Command(
    name,
    {
      ...{ connection: logIn(node, config), create, stdin: document, addPreviousOutputInEnv: false },
      ...(dryRun ? {} : { update: "true", delete: reset }),
    },
    // A node that is part of the cluster stays that; what its document says only mattered when it joined.
    { dependsOn, ...(dryRun ? {} : { ignoreChanges: ["create", "stdin"] }) },
  );
}

/** `kubeadm init`, and the hash of the CA that it made; undefined where the cluster is another stack's. */
function init({ cluster, nodes }: PreparedStack) {
  const planes = Object.entries(nodes).filter(([, { role }]) => role === "control-plane");
  const [first, ...others] = planes;
  if (others.length > 0)
    throw new pulumi.RunError(
      `the stack has ${planes.length} control plane nodes; here the first is set up by hand, since kubeadm must share its certificates with the others (kubeadm init --upload-certs)`,
    );
  if (first === undefined) return undefined;
  const [name, node] = first;
  const documents = [
    node.initConfiguration ?? "",
    cluster.clusterConfiguration,
    cluster.kubeletConfiguration,
  ];
  const document = pulumi.all(documents).apply((parts) => parts.join("---\n"));
  const command = kubeadm(`${name}-init`, node, "init --skip-token-print", document, []);
  return { command, caCertHash: command.stdout.apply((text) => /sha256:[0-9a-f]{64}/.exec(text)?.[0]) };
}

/** The JoinConfiguration, with the hash of the CA where that was not known before. */
function whole(document: string, caCertHash: string | undefined): string {
  const join = parseDocument(document);
  const hashes = ["discovery", "bootstrapToken", "caCertHashes"];
  if (caCertHash !== undefined && !join.hasIn(hashes)) join.setIn(hashes, [caCertHash]);
  return String(join);
}

export = async () => {
  const stack = await preparedStack(config.require("stack"));
  const plane = init(stack);
  const workers = Object.entries(stack.nodes).filter(([, { role }]) => role === "worker");
  for (const [name, node] of workers) {
    if (node.joinConfiguration === undefined)
      throw new pulumi.RunError(
        `node ${name} has no JoinConfiguration: set kubeadm.generateJoinToken: true, or kubeadm.joinToken, in the stack ${config.require("stack")}`,
      );
    const document = pulumi
      .all([node.joinConfiguration, plane?.caCertHash])
      .apply(([text, hash]) => whole(text, hash));
    kubeadm(`${name}-join`, node, "join", document, plane === undefined ? [] : [plane.command]);
  }
  return { joined: workers.map(([name]) => name), caCertHash: plane?.caCertHash };
};
