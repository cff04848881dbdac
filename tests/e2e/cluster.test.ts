import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ControlPlane, gateway } from "../../lab/control-plane";
import { toStderr, waitFor } from "../../lab/progress";
import { bootstrapHardWay, bootstrapKubeadm } from "./support/examples";
import { initDocument, joining, letKubeadmJoin, preflight, token } from "./support/kubeadm";
import { asking, kubeletAccess, loadImages, pod, serviceOf, untilReady, untilRunning } from "../../lab/pods";
import { serve, type Web } from "../../lab/web";
import type { Stack } from "./support/stack";
import { workerConfigs, type WorkerConfigs } from "./support/worker-config";
import { kubeletPort, planePort } from "./support/machine";
import { preparedCluster, preparedConfig, type PreparedCluster } from "./support/prepared-cluster";

/** A worker in a cluster with a real API server, firewalld active. */
describe("a worker of a real cluster", () => {
  let cluster: PreparedCluster;
  let plane: ControlPlane;
  let outside: Web;
  let configs: WorkerConfigs;
  let web: string;
  let routes: Stack;
  const node = "e2e";
  const ends: (() => unknown)[] = [];

  beforeAll(async () => {
    const folder = await mkdtemp(join(tmpdir(), "nodeprep-plane-"));
    ends.push(() => rm(folder, { recursive: true, force: true }));
    cluster = await preparedCluster();
    ends.push(cluster.stop);
    const { machine } = cluster;
    plane = await ControlPlane.start({
      folder,
      port: planePort,
      serviceCidr: "10.32.0.0/24",
      kubelets: { [node]: kubeletPort },
    });
    ends.push(() => plane.stop());
    outside = await serve(plane.programs, ["kubelet", "kubeadm", "kube-proxy"]);
    ends.push(() => outside.close());
    await plane.kubectl(["create", "serviceaccount", "default"]);
    configs = await workerConfigs(machine, plane, outside);
    await loadImages(machine, "1.34.2");
  });
  afterAll(async () => {
    for (const end of ends.reverse()) await end();
  });

  const answerOf = async (host: string, port: number): Promise<string> =>
    (await plane.tryKubectl(asking("client", host, port))).stdout.trim();
  const connected = async (): Promise<void> => {
    await eventually("the other Pod answers", async () => (await answerOf(web, 8080)) === "web" || undefined);
    expect(await answerOf(gateway, outside.port)).toBe("outside");
  };
  /** Waits until it works: what the kubelet and kube-proxy have heard of late reaches them after a while. */
  const eventually = <T>(what: string, look: () => Promise<T | undefined>): Promise<T> =>
    waitFor(look, { what, limit: 90, say: toStderr, every: 2000 });

  it("is, once prepared, all that kubeadm asks for", async () => {
    const { machine, stack } = cluster;
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

  it("joins by examples/bootstrap-kubeadm, which has only the stack's outputs", async () => {
    const { machine, stack } = cluster;
    const bootstrap = await stack.beside(bootstrapKubeadm, {
      stack: "organization/nodeprep/test",
      privateKeyFile: machine.privateKeyFile,
      // What would sign the kubelet's certificate, the controller manager, does not run here.
      dryRun: true,
    });
    const said = await bootstrap.up();
    expect(said).toContain("This node has joined the cluster");
    expect(await bootstrap.outputs()).toEqual({ joined: ["node-0"] });
    expect(said + (await bootstrap.state())).not.toContain(token.split(".")[1]);
    expect(await machine.sh("ls /etc/kubernetes 2>&1 || :")).not.toContain("kubelet.conf");
  });

  it("registers and becomes Ready", async () => {
    const { machine, stack } = cluster;
    await stack.configure(configs.byHand);
    await stack.up();
    await untilReady(plane, node);
    expect(await machine.sh("firewall-cmd --state")).toBe("running\n");
    await stack.expectNoChanges();
  });

  it("gets its routes to Pods on other nodes by examples/bootstrap-hard-way", async () => {
    const { machine, stack } = cluster;
    routes = await stack.beside(bootstrapHardWay, {
      stack: "organization/nodeprep/test",
      privateKeyFile: machine.privateKeyFile,
      elsewhere: { "10.200.1.0/24": gateway },
    });
    await routes.up();
    expect(await routes.outputs()).toMatchObject({
      controllerManager: expect.arrayContaining(["--cluster-cidr=10.200.0.0/16"]) as unknown,
    });
    expect(await machine.sh("ip route show 10.200.1.0/24")).toContain(`via ${gateway} `);
  });

  it("runs Pods with addresses of the node's own subnet", async () => {
    await plane.apply(
      pod(
        "web",
        node,
        "echo serving; mkdir -p /www; hostname > /www/index.html; exec httpd -f -p 8080 -h /www",
      ),
      pod("client", node, "exec sleep 86400"),
    );
    web = await untilRunning(plane, "web");
    expect([web, await untilRunning(plane, "client")]).toEqual([
      expect.stringMatching(/^10\.200\.0\.\d+$/),
      expect.stringMatching(/^10\.200\.0\.\d+$/),
    ]);
  });

  it("lets the API server read logs and run commands once RBAC says so, and not before", async () => {
    const log = ["logs", "web"];
    const command = ["exec", "client", "--", "hostname"];
    for (const words of [log, command]) {
      const { code, stderr } = await plane.tryKubectl(words);
      expect([code, stderr]).toEqual([1, expect.stringMatching(/Forbidden|forbidden/)]);
    }
    await plane.apply(...kubeletAccess);
    // The kubelet remembers a refusal for half a minute.
    for (const [words, answer] of [
      [log, "serving\n"],
      [command, "client\n"],
    ] as const)
      await eventually(
        words[0] ?? "",
        async () => (await plane.tryKubectl(words)).stdout === answer || undefined,
      );
  });

  it("lets Pods reach each other and the world outside", connected);

  it("answers for a Service", async () => {
    await plane.apply(...serviceOf("web", 80, 8080, web));
    const address = await plane.kubectl(["get", "service", "web", "-o", "jsonpath={.spec.clusterIP}"]);
    await eventually("the Service answers", async () => (await answerOf(address, 80)) === "web" || undefined);
  });

  it("is Ready again after a reboot, and runs its Pods", async () => {
    const { machine, stack } = cluster;
    const before = new Date();
    await machine.reboot();
    await untilReady(plane, node, (await machine.sh("cat /proc/sys/kernel/random/boot_id")).trim());
    web = await untilRunning(plane, "web", before);
    await untilRunning(plane, "client", before);
    await connected();
    expect(await machine.sh("ip route show 10.200.1.0/24")).toContain(`via ${gateway} `);
    await stack.expectNoChanges();
  });

  it("lets Pods still reach each other and the world outside when a stopped firewalld is repaired", async () => {
    const { machine, stack } = cluster;
    await machine.sh("systemctl stop firewalld");
    await stack.up();
    expect(await machine.sh("firewall-cmd --state")).toBe("running\n");
    await connected();
    // It flushes what the bridge plugin has put into iptables, once more.
    await machine.sh("firewall-cmd --reload");
    await connected();
  });

  it("is not given back while Pods run on it", async () => {
    const { machine, stack } = cluster;
    const { code, stdout, stderr } = await stack.tryDestroy();
    expect(code).not.toBe(0);
    expect(stdout + stderr).toMatch(
      /stage kube-proxy is not undone: this node runs Pods \(2, .*kubectl drain e2e/,
    );
    expect(await machine.sh("systemctl is-active kubelet kube-proxy containerd")).toBe("active\n".repeat(3));
  });

  it("loses all that its programs have made there once it is drained and no worker any more", async () => {
    const { machine, stack } = cluster;
    await routes.destroy();
    expect(await machine.sh("ip route show proto 86; ls /etc/systemd/system")).not.toMatch(
      /10\.200|pod-routes/,
    );
    await plane.kubectl(["delete", "pod", "--all", "--wait"]);
    await stack.configure(preparedConfig(machine));
    await stack.up();
    expect(await machine.sh("nft list ruleset | grep -c -e KUBE- -e CNI- -e nodeprep || :")).toBe("0\n");
    expect(await machine.sh("sysctl -n net.ipv4.conf.all.route_localnet")).toBe("0\n");
    expect(
      await machine.sh(
        "ls -d /var/lib/kubelet /var/lib/kube-proxy /var/lib/cni /sys/class/net/cni0 2>/dev/null || :",
      ),
    ).toBe("");
  });
});
