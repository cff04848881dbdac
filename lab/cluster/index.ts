import { join } from "node:path";
import { ControlPlane, gateway } from "../control-plane";
import { PLANE_PORT, workers } from "../fleet";
import { podImage } from "../pod-images";
import type { Machine } from "../machine";
import { asking, kubeletAccess, loadImages, pod, untilReady, untilRunning } from "../pods";
import type { Say } from "../progress";
import { clusterStack, type LabStackOptions } from "../stack";
import { serve, type Web } from "../web";
import { kubernetesVersion } from "../kubernetes";
import { clusterConfig, network, workerPrograms } from "./config";

/** An API server for two workers, and a place to download from; both end with this process. */
export class Cluster {
  private constructor(
    readonly plane: ControlPlane,
    private readonly web: Web,
    private readonly machines: readonly Machine[],
    private readonly say: Say,
  ) {}

  static async start(machines: readonly Machine[], say: Say): Promise<Cluster> {
    const kubelets = Object.entries(workers).map(([name, { kubelet = 0 }]) => [name, kubelet] as const);
    const plane = await ControlPlane.start({
      folder: join(clusterStack.home, "plane"),
      port: PLANE_PORT,
      serviceCidr: network.serviceCidr,
      kubelets: Object.fromEntries(kubelets),
      say,
    });
    return new Cluster(plane, await serve(plane.programs, workerPrograms), machines, say);
  }

  /** The stack that joins the workers to this API server, with credentials made now. */
  stack(): LabStackOptions {
    const cluster = (): Promise<object> => clusterConfig(this.machines, this.plane, this.web);
    return {
      ...clusterStack,
      config: async () => ({ config: { "nodeprep:cluster": await cluster() } }),
    };
  }

  /** Once the workers are prepared: runs two Pods on each, and shows that they reach what they should. */
  async show(): Promise<void> {
    const { plane, machines, say } = this;
    await this.allow();
    for (const machine of machines) await loadMissingImages(machine);
    for (const { name } of machines) await untilReady(plane, name);
    for (const { name } of machines) await plane.apply(web(name), client(name));
    for (const { name } of machines) await this.showPods(name);
    say(await plane.kubectl(["get", "nodes", "-o", "wide"]));
    say(await plane.kubectl(["get", "pods", "-o", "wide"]));
  }

  async stop(): Promise<void> {
    this.web.close();
    await this.plane.stop();
  }

  /** What no controller makes here, and what lets the API server read logs and run commands. */
  private async allow(): Promise<void> {
    await this.plane.apply(
      { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "default", namespace: "default" } },
      ...kubeletAccess,
    );
  }

  private async showPods(node: string): Promise<void> {
    const { plane, say } = this;
    const address = await untilRunning(plane, `web-${node}`);
    await untilRunning(plane, `client-${node}`);
    for (const [what, host, port] of [
      [`web-${node} (${address})`, address, 8080],
      ["a server outside of the cluster", gateway, this.web.port],
    ] as const) {
      const answer = await plane.kubectl(asking(`client-${node}`, host, port));
      say(`client-${node} asks ${what}: ${answer.trim() || "no answer"}`);
    }
  }
}

const web = (node: string): object =>
  pod(`web-${node}`, node, "mkdir -p /www; hostname > /www/index.html; exec httpd -f -p 8080 -h /www");

const client = (node: string): object => pod(`client-${node}`, node, "exec sleep 86400");

/** The machines stay when the API server ends, and have the images from then on. */
async function loadMissingImages(machine: Machine): Promise<void> {
  if ((await machine.sh("ctr -n k8s.io images ls -q")).includes(podImage)) return;
  machine.say("loading the images of Pods");
  await loadImages(machine, kubernetesVersion);
}
