import { readFileSync } from "node:fs";
import { isIPv6 } from "node:net";
import { remote } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { isIPv6Cidr, parseAddress } from "../../config/cidr";
import { Secret } from "../../config/secret";
import { preparedStack, type PreparedStack } from "../../components/prepared-stack";
import { asRoot, logIn } from "../log-in";
import { installRoutes, removeRoutes, routesUnit, type Route } from "./routes";

/*
 * What is left of "Kubernetes the Hard Way" once a stack of nodeprep has set up the workers: routes between the nodes'
 * parts of the pod network, and the cluster role with which the API server reaches kubelets.
 *
 *   pulumi config set stack organization/nodeprep/prod
 *   pulumi config set privateKeyFile /home/me/.ssh/deploy_key           # else: the SSH agent
 *   pulumi config set --path 'addresses["node-0"][0]' 192.0.2.20        # where nodes reach it, if not at its SSH host
 *   pulumi config set --path 'elsewhere["10.200.9.0/24"]' 192.0.2.29    # pods on nodes of other stacks
 *   pulumi config set kubeconfigFile admin.kubeconfig                   # for the role; needs the provider kubernetes
 *   pulumi up
 */
const config = new pulumi.Config();

/** Where the other nodes reach a node: one address a family. */
function addressesOf(name: string, host: string): readonly string[] {
  const addresses = config.getObject<Record<string, string[]>>("addresses")?.[name] ?? [host];
  for (const address of addresses)
    if (parseAddress(address) === undefined)
      throw new pulumi.RunError(`node ${name}: ${address} is no IP address; set addresses["${name}"]`);
  return addresses;
}

/** The way to the pods on each node. */
function routesTo(nodes: PreparedStack["nodes"]): ReadonlyMap<string, readonly Route[]> {
  const routes = Object.entries(nodes).map(([name, { host, podSubnets }]) => {
    const addresses = podSubnets.length === 0 ? [] : addressesOf(name, host);
    const ways = podSubnets.map((subnet) => {
      const via = addresses.find((address) => isIPv6(address) === isIPv6Cidr(subnet));
      if (via === undefined)
        throw new pulumi.RunError(
          `node ${name} has no address of the family of ${subnet}; set addresses["${name}"]`,
        );
      return { subnet, via };
    });
    return [name, ways] as const;
  });
  return new Map(routes);
}

/** Each node's routes to all others, kept by a unit: they are there after a reboot too. */
function podRoutes({ nodes }: PreparedStack): Record<string, readonly Route[]> {
  const all = routesTo(nodes);
  const elsewhere = Object.entries(config.getObject<Record<string, string>>("elsewhere") ?? {});
  const found: Record<string, readonly Route[]> = {};
  for (const [name, node] of Object.entries(nodes)) {
    const others = [...all].filter(([other]) => other !== name).flatMap(([, ways]) => ways);
    const routes = [...others, ...elsewhere.map(([subnet, via]) => ({ subnet, via }))];
    if (routes.length === 0) continue;
    found[name] = routes;
    new remote.Command(`${name}-pod-routes`, {
      connection: logIn(node, config),
      stdin: routesUnit(routes),
      create: asRoot(node, installRoutes),
      delete: asRoot(node, removeRoutes),
      addPreviousOutputInEnv: false,
    });
  }
  return found;
}

export = async () => {
  const stack = await preparedStack(config.require("stack"));
  const { name, podCidrs, serviceCidrs } = stack.cluster;
  const kubeconfigFile = config.get("kubeconfigFile");
  if (kubeconfigFile !== undefined) {
    // By require(): tsx/cjs leaves import() to Node.js, which finds no file of TypeScript.
    const { KubeletApiAccess } =
      // eslint-disable-next-line @typescript-eslint/no-require-imports
      require("../../components/kubelet-api-access") as typeof import("../../components/kubelet-api-access");
    const kubeconfig = new Secret(readFileSync(kubeconfigFile, "utf8"));
    // Not called after the cluster: with another name it would be made anew, and the cluster role deleted after that.
    new KubeletApiAccess("api-server", { kubeconfig }, { aliases: [{ name }] });
  }
  return {
    routes: podRoutes(stack),
    // What the control plane must be told for these nodes.
    apiServer: [`--service-cluster-ip-range=${serviceCidrs.join(",")}`],
    controllerManager: [
      `--cluster-name=${name}`,
      `--cluster-cidr=${podCidrs.join(",")}`,
      `--service-cluster-ip-range=${serviceCidrs.join(",")}`,
    ],
  };
};
