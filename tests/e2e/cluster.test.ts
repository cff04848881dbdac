import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ControlPlane, gateway } from "../../lab/control-plane";
import { Baseline } from "./support/baseline";
import { fingerprint } from "./support/fingerprint";
import { leftByWorker, residueOfWorker } from "./support/worker-left";
import { eventually } from "./support/eventually";
import { disagree, unnamed } from "./support/mismatches";
import { bootstrapHardWay, bootstrapKubeadm } from "./support/examples";
import { initDocument, joining, letKubeadmJoin, preflight, token } from "./support/kubeadm";
import { kubeletAccess, untilReady } from "../../lab/pods";
import { serve, type Web } from "../../lab/web";
import { routesOf, routesTo, startRoutesTooEarly, untilRoutes } from "./support/pod-routes";
import type { Stack } from "./support/stack";
import { WebPods } from "./support/web-pods";
import {
  keyText,
  loadPodImages,
  proxyServes,
  secondWorker,
  workerConfigs,
  type WorkerConfigs,
} from "./support/worker-config";
import { kubeletPorts, planePort, type TestMachine } from "./support/machine";
import { preparedCluster, preparedConfig, type PreparedCluster } from "./support/prepared-cluster";

/** Workers in a cluster with a real API server, firewalld active. */
describe("the workers of a real cluster", () => {
  let cluster: PreparedCluster;
  let plane: ControlPlane;
  let outside: Web;
  let configs: WorkerConfigs;
  /** It boots while kubeadm looks at the first one. */
  let second: Promise<TestMachine>;
  let routes: Stack;
  const [node, secondNode] = Object.keys(kubeletPorts) as [string, string];
  let webs: WebPods;
  /** The first one when it was prepared, and was no worker. */
  let baseline: Baseline;
  let found: string;
  const ends: (() => unknown)[] = [];

  beforeAll(async () => {
    const folder = await mkdtemp(join(tmpdir(), "nodeprep-plane-"));
    ends.push(() => rm(folder, { recursive: true, force: true }));
    cluster = await preparedCluster();
    ends.push(cluster.stop);
    second = secondWorker();
    second.catch(() => undefined); // whoever waits for it hears of it
    ends.push(() => second.then((machine) => machine.stop()).catch(() => undefined));
    const settings = { port: planePort, serviceCidr: "10.32.0.0/24", kubelets: kubeletPorts };
    plane = await ControlPlane.start({ folder, ...settings });
    ends.push(() => plane.stop());
    outside = await serve(plane.programs, ["kubelet", "kubeadm", "kube-proxy"]);
    ends.push(() => outside.close());
    webs = new WebPods(plane, outside);
    await plane.kubectl(["create", "serviceaccount", "default"]);
    await loadPodImages(cluster.machine);
    baseline = await Baseline.of(cluster);
    found = await fingerprint(cluster.machine);
  });
  afterAll(async () => {
    for (const end of ends.reverse()) await end();
  });

  it("are, once prepared, all that kubeadm asks for", async () => {
    const { machine, stack } = cluster;
    configs = await workerConfigs(machine, plane, outside);
    await stack.configure({ ...configs.forKubeadm, kubeadm: joining(plane) });
    await stack.setSecret("kubeadm.joinToken", token);
    await stack.up();
    const outputs = await stack.preparedOutputs();
    const init = initDocument(outputs);
    const join = outputs.nodes["node-0"]?.joinConfiguration ?? "";
    await letKubeadmJoin(plane, init);
    expect(await preflight(machine, "init", init)).toEqual([]);
    expect(await preflight(machine, "join", join)).toEqual([]);
  });

  it("join by examples/bootstrap-kubeadm, which has only the stack's outputs", async () => {
    const { machine, stack } = cluster;
    const bootstrap = await stack.beside(bootstrapKubeadm, {
      stack: "organization/nodeprep/test",
      privateKeyFile: machine.privateKeyFile,
      // What would sign the kubelet's certificate, the controller manager, does not run here.
      dryRun: true,
    });
    const said = await bootstrap.up();
    expect(said).toContain("This node has joined the cluster");
    expect(await bootstrap.outputs()).toEqual({ checked: ["node-0"] });
    expect(said + (await bootstrap.state())).not.toContain(token.split(".")[1]);
    expect(await machine.sh("ls /etc/kubernetes 2>&1 || :")).not.toContain("kubelet.conf");
  });

  it("register and become Ready, both by one update", async () => {
    const { machine, stack } = cluster;
    const other = await second;
    await stack.configure(configs.byHand(other));
    const said = await stack.up();
    expect(said + (await stack.state())).not.toContain(await keyText(plane, "node-1"));
    await untilReady(plane, node);
    await untilReady(plane, secondNode);
    const look = "firewall-cmd --state; grep -o '10.200.*/24' /etc/cni/net.d/10-bridge.conf";
    expect(await machine.sh(look)).toBe("running\n10.200.0.0/24\n");
    expect(await other.sh(look)).toBe("running\n10.200.1.0/24\n");
    await stack.expectNoChanges();
  });

  it("get their routes to Pods on one another by examples/bootstrap-hard-way", async () => {
    const { machine, stack } = cluster;
    routes = await stack.beside(bootstrapHardWay, {
      stack: "organization/nodeprep/test",
      privateKeyFile: machine.privateKeyFile,
      addresses: { "node-0": [gateway], "node-1": [gateway] },
      elsewhere: { "10.200.9.0/24": gateway },
    });
    await routes.up();
    expect(await routes.outputs()).toMatchObject({
      controllerManager: expect.arrayContaining(["--cluster-cidr=10.200.0.0/16"]) as unknown,
    });
    expect(await routesOf(machine)).toBe(routesTo("10.200.1.0/24"));
    expect(await routesOf(await second)).toBe(routesTo("10.200.0.0/24"));
  });

  it("get them at a boot too at which the network is late", async () => {
    expect(await startRoutesTooEarly(await second)).toBe("");
    await untilRoutes(await second, "10.200.0.0/24");
  });

  const log = ["logs", `web-${node}`];
  const command = ["exec", `client-${node}`, "--", "hostname"];

  it("let the API server read no logs and run no commands before RBAC says so", async () => {
    for (const on of [node, secondNode]) await webs.create(on);
    for (const words of [log, command]) {
      const { code, stderr } = await plane.tryKubectl(words);
      expect([code, stderr]).toEqual([1, expect.stringMatching(/Forbidden|forbidden/)]);
    }
    await plane.apply(...kubeletAccess);
  });

  it("run Pods with addresses of each node's own subnet", async () => {
    for (const [on, subnet] of [
      [node, /^10\.200\.0\.\d+$/],
      [secondNode, /^10\.200\.1\.\d+$/],
    ] as const) {
      for (const address of await webs.running(on)) expect(address).toMatch(subnet);
    }
  });

  it("let the API server read logs and run commands once RBAC says so", async () => {
    // The kubelet remembers a refusal for half a minute.
    for (const [words, answer] of [
      [log, "serving\n"],
      [command, `client-${node}\n`],
    ] as const)
      await eventually(
        words[0] ?? "",
        async () => (await plane.tryKubectl(words)).stdout === answer || undefined,
      );
  });

  it("let Pods reach each other and the world outside", async () => {
    await webs.connected(node);
    await webs.connected(secondNode);
  });

  it("answer for a Service", () => webs.serviceAnswers(node, cluster.machine, "iptables"));

  it("are Ready again after a reboot, and run their Pods", async () => {
    const { machine, stack } = cluster;
    const before = new Date();
    await machine.reboot();
    await untilReady(plane, node, (await machine.sh("cat /proc/sys/kernel/random/boot_id")).trim());
    await webs.running(node, before);
    await webs.connected(node);
    await untilRoutes(machine, "10.200.1.0/24");
    await stack.expectNoChanges();
  });

  it("show whatever is done to what they need as workers, and are repaired", async () => {
    expect(await baseline.tamperWithMore(proxyServes)).toEqual([]);
    await webs.connected(node);
    await eventually(
      "the kubelet answers",
      async () => (await plane.tryKubectl(log)).stdout === "serving\n" || undefined,
    );
    await cluster.stack.expectNoChanges();
  });

  it("give the routes back", async () => {
    await routes.destroy();
    for (const machine of [cluster.machine, await second])
      expect(await machine.sh("ip route show proto 86; ls /etc/systemd/system")).not.toMatch(
        /10\.200|pod-routes/,
      );
  });

  it("let Pods reach each other and the world outside when firewalld and what must agree are repaired, another one dead", async () => {
    const { machine, stack } = cluster;
    const dead = await second;
    await dead.powerCut();
    await stack.configure(configs.withDead(dead, "nftables"));
    await machine.sh(`${disagree} systemctl stop firewalld`);
    expect(unnamed((await stack.preview()).warnings)).toEqual([]);
    await stack.up();
    expect(await machine.sh("firewall-cmd --state")).toBe("running\n");
    await webs.connected(node);
    await webs.serviceAnswers(node, machine, "nftables");
    // It flushes what the bridge plugin has put into iptables, once more.
    await machine.sh("firewall-cmd --reload");
    await webs.connected(node);
  });

  it("answer for a Service through IPVS", async () => {
    const { machine, stack } = cluster;
    await stack.configure(configs.withDead(await second, "ipvs"));
    await stack.up();
    await webs.serviceAnswers(node, machine, "ipvs");
    expect(await machine.sh("nft list tables | grep -c kube-proxy || :")).toBe("0\n");
  });

  it("are not given back while Pods run on them", async () => {
    const { machine, stack } = cluster;
    const { code, stdout, stderr } = await stack.tryDestroy();
    expect(code).not.toBe(0);
    expect(stdout + stderr).toMatch(
      /stage kube-proxy is not undone: this node runs Pods \(2, .*kubectl drain e2e\b/,
    );
    expect(await machine.sh("systemctl is-active kubelet kube-proxy containerd")).toBe("active\n".repeat(3));
  });

  it("lose all that their programs have made there once they are drained and no workers any more", async () => {
    const { machine, stack } = cluster;
    await plane.kubectl(["delete", "pod", "--field-selector", `spec.nodeName=${node}`, "--wait"]);
    await stack.configure(preparedConfig(machine));
    await stack.up();
    expect(
      await machine.sh("nft list ruleset | grep -c -e KUBE- -e kube-proxy -e CNI- -e nodeprep || :"),
    ).toBe("0\n");
    expect(await machine.sh("sysctl -n net.ipv4.conf.all.route_localnet")).toBe("0\n");
    expect(await machine.sh(residueOfWorker)).toBe("");
    // What people have put there comes back, and what kubeadm has written is its own.
    await machine.sh(
      "rm -rf /etc/cni/net.d/05-other.conflist /etc/sysctl.d/zzz-* /usr/lib/sysctl.d/zzz-* /etc/kubernetes /root/kubeadm",
    );
    expect(leftByWorker(found, await fingerprint(machine))).toEqual([]);
  });
});
