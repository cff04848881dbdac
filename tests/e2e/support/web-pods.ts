import { gateway, type ControlPlane } from "../../../lab/control-plane";
import { asking, pod, serviceOf, untilRunning } from "../../../lab/pods";
import type { Web } from "../../../lab/web";
import { eventually } from "./eventually";
import type { TestMachine } from "./machine";

/** Two Pods of each node: a web server that answers with its name, and a client. */
export class WebPods {
  /** The servers' addresses, by the node. */
  private readonly addresses = new Map<string, string>();

  constructor(
    private readonly plane: ControlPlane,
    private readonly outside: Web,
  ) {}

  async create(node: string): Promise<void> {
    const server = "echo serving; mkdir -p /www; hostname > /www/index.html; exec httpd -f -p 8080 -h /www";
    await this.plane.apply(pod(`web-${node}`, node, server), pod(`client-${node}`, node, "exec sleep 86400"));
  }

  /** Waits until both run, started after `since`; returns their addresses. */
  async running(node: string, since?: Date): Promise<readonly string[]> {
    const address = await untilRunning(this.plane, `web-${node}`, since);
    this.addresses.set(node, address);
    return [address, await untilRunning(this.plane, `client-${node}`, since)];
  }

  /**
   * The client reaches the server, and the world outside. On a busy host containerd may lose sight of a container as it
   * restarts, and the kubelet makes the Pod anew: it is asked at the address that it has now.
   */
  async connected(node: string): Promise<void> {
    const [address = ""] = await this.running(node);
    const answered = async () => (await this.answer(node, address, 8080)) === `web-${node}` || undefined;
    await eventually(`the other Pod on ${node} answers`, answered);
    expect(await this.answer(node, gateway, this.outside.port)).toBe("outside");
  }

  /** The client reaches the server as a Service, through a kube-proxy in this mode. */
  async serviceAnswers(node: string, machine: TestMachine, mode: string): Promise<void> {
    const asked = async () =>
      (await machine.sh("curl -sS 127.0.0.1:10249/proxyMode || :")) === mode || undefined;
    await eventually(`kube-proxy is in mode ${mode}`, asked);
    await this.plane.apply(...serviceOf("web", 80, 8080, this.addresses.get(node) ?? ""));
    const address = await this.plane.kubectl(["get", "service", "web", "-o", "jsonpath={.spec.clusterIP}"]);
    const look = async () => (await this.answer(node, address, 80)) === `web-${node}` || undefined;
    await eventually(`the Service answers through ${mode}`, look);
  }

  private async answer(from: string, host: string, port: number): Promise<string> {
    return (await this.plane.tryKubectl(asking(`client-${from}`, host, port))).stdout.trim();
  }
}
