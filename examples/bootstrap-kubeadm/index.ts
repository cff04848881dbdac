import { createHash, X509Certificate } from "node:crypto";
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
 *   pulumi config set stack organization/nodeprep/prod         # with Pulumi's service: your organization's name
 *   pulumi config set privateKeyFile /home/me/.ssh/deploy_key   # else: the SSH agent
 *   pulumi config set dryRun true                               # kubeadm checks all, and changes nothing
 *   pulumi up
 *
 * A dry run has Commands of its own, so that the real run after it creates its own too. `pulumi destroy` runs
 * `kubeadm reset`, workers first; after a dry run there is nothing to reset.
 */
const config = new pulumi.Config();
const dryRun = config.getBoolean("dryRun") ?? false;

/** What kubeadm is to do on a node. */
interface Task {
  /** Its subcommand and options. */
  readonly words: string;
  /** Goes to its stdin, so that its token is in no file and in no list of processes. */
  readonly document: pulumi.Input<string>;
  /** What an update runs on a node that is part of the cluster: one that changes nothing. */
  readonly update: string;
  readonly dependsOn: pulumi.Resource[];
}

/** Runs kubeadm on a node. */
function kubeadm(name: string, node: PreparedStackNode, task: Task): remote.Command {
  const { words, document, dependsOn } = task;
  const common = { connection: logIn(node, config), stdin: document, addPreviousOutputInEnv: false };
  const create = `exec kubeadm ${words} --config /dev/stdin`;
  // With the real run's name it would be taken for that: the real run would update it, and create nothing.
  if (dryRun)
    return new remote.Command(
      `${name}-dry-run`,
      { ...common, create: asRoot(node, `${create} --dry-run`) },
      { dependsOn },
    );
  return new remote.Command(
    name,
    {
      ...{ ...common, create: asRoot(node, create), update: task.update },
      delete: asRoot(node, `exec kubeadm reset --force --cri-socket ${node.criSocket}`),
    },
    // A node that is part of the cluster stays that; what its document says only mattered when it joined.
    // A replacement resets the node first: afterwards it would reset what it has just made.
    { dependsOn, ignoreChanges: ["create", "stdin"], deleteBeforeReplace: true },
  );
}

/** Without the real run's Commands a dry run would be their deletion, and take the cluster apart. */
async function refuseDryRunOfCluster(): Promise<void> {
  const self = `${pulumi.getOrganization()}/${pulumi.getProject()}/${pulumi.getStack()}`;
  const joined = await new pulumi.StackReference(self).getOutputDetails("joined");
  if (joined.value !== undefined)
    throw new pulumi.RunError(
      "this stack has made its cluster, which a dry run would reset: set dryRun to false, or dry-run in a stack of its own",
    );
}

/** The CA's hash: `kubeadm init` prints it, and an update the certificate. */
function caCertHashIn(stdout: string): string | undefined {
  const [certificate] = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/.exec(stdout) ?? [];
  if (certificate === undefined) return /sha256:[0-9a-f]{64}/.exec(stdout)?.[0];
  const publicKey = new X509Certificate(certificate).publicKey.export({ type: "spki", format: "der" });
  return `sha256:${createHash("sha256").update(publicKey).digest("hex")}`;
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
  const command = kubeadm(`${name}-init`, node, {
    ...{ words: "init --skip-token-print", document, dependsOn: [] },
    // What an update prints takes the place of what `kubeadm init` has printed, and workers yet to come need it.
    update: asRoot(node, "exec cat /etc/kubernetes/pki/ca.crt"),
  });
  return { command, caCertHash: command.stdout.apply(caCertHashIn) };
}

/** The JoinConfiguration, with the hash of the CA where that was not known before. */
function whole(document: string, caCertHash: string | undefined): string {
  const join = parseDocument(document);
  const hashes = ["discovery", "bootstrapToken", "caCertHashes"];
  if (caCertHash !== undefined && !join.hasIn(hashes)) join.setIn(hashes, [caCertHash]);
  return String(join);
}

export = async () => {
  if (dryRun) await refuseDryRunOfCluster();
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
    const dependsOn = plane === undefined ? [] : [plane.command];
    kubeadm(`${name}-join`, node, { words: "join", document, update: "true", dependsOn });
  }
  const names = workers.map(([name]) => name);
  return dryRun ? { checked: names } : { joined: names, caCertHash: plane?.caCertHash };
};
