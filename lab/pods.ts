import { kubeletApiBinding, kubeletApiRole } from "../components/kubelet-api-access";
import { pauseImage } from "../config/pause-images";
import type { ControlPlane } from "./control-plane";
import { imageArchive, podImage, stoppable } from "./pod-images";
import type { Machine } from "./machine";
import { toStderr, waitFor } from "./progress";
import { upload } from "./upload";

/** A Pod on a node, of the locally made image, that runs a shell script. Nobody schedules it: the node is named. */
export const pod = (name: string, nodeName: string, script: string): object => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name, labels: { app: name } },
  spec: {
    nodeName,
    automountServiceAccountToken: false, // no controller publishes the certificate that comes with a token
    terminationGracePeriodSeconds: 1,
    containers: [{ name: "main", image: podImage, imagePullPolicy: "Never", command: stoppable(script) }],
  },
});

/** A Service of one port, and the slice that names its Pod, which no controller makes here. */
export const serviceOf = (name: string, port: number, targetPort: number, address: string): object[] => [
  {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name },
    spec: { ports: [{ name: "http", port, targetPort }] },
  },
  {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: { name, labels: { "kubernetes.io/service-name": name } },
    addressType: "IPv4",
    ports: [{ name: "http", port: targetPort, protocol: "TCP" }],
    endpoints: [{ addresses: [address], conditions: { ready: true } }],
  },
];

const rbac = { apiVersion: "rbac.authorization.k8s.io/v1" };

/** What KubeletApiAccess declares. */
export const kubeletAccess = [
  { ...rbac, kind: "ClusterRole", ...kubeletApiRole },
  { ...rbac, kind: "ClusterRoleBinding", ...kubeletApiBinding() },
];

/** Brings the images of Pods to a node, the pause image included: no registry is asked. */
export async function loadImages(machine: Machine, kubernetesVersion: string): Promise<void> {
  await upload(machine, await imageArchive(pauseImage(kubernetesVersion)), "/root/images.tar", "0600");
  await machine.sh("ctr -n k8s.io images import /root/images.tar >&2; rm /root/images.tar");
}

/** kubectl's words for the last line of what an HTTP server answers to a Pod; nothing where there is no answer. */
export const asking = (client: string, host: string, port: number): readonly string[] => {
  const request = String.raw`printf 'GET / HTTP/1.0\r\n\r\n' | nc -w 10 ${host} ${port} | tail -n 1`;
  return ["exec", client, "--", "sh", "-c", request];
};

const jsonPath = async (plane: ControlPlane, object: string, path: string): Promise<string> =>
  (await plane.tryKubectl(["get", object, "-o", `jsonpath=${path}`])).stdout;

/** Waits until the node is Ready, in the boot of this id where one is given. */
export const untilReady = (plane: ControlPlane, node: string, bootId?: string): Promise<true> =>
  waitFor(
    async () => {
      const path = `{.status.nodeInfo.bootID} {.status.conditions[?(@.type=="Ready")].status}`;
      const [boot, ready] = (await jsonPath(plane, `node/${node}`, path)).split(" ");
      return ready === "True" && (bootId ?? boot) === boot;
    },
    { what: `${node} is Ready`, limit: 180, say: toStderr, every: 1000 },
  );

/** Waits until the Pod's container runs, one that was started after `since` where that is given; returns its address. */
export const untilRunning = (plane: ControlPlane, name: string, since = new Date(0)): Promise<string> =>
  waitFor(
    async () => {
      const path = `{.status.containerStatuses[0].state.running.startedAt} {.status.podIP}`;
      const [started = "", address = ""] = (await jsonPath(plane, `pod/${name}`, path)).split(" ");
      return started && new Date(started) > since && address ? address : undefined;
    },
    { what: `Pod ${name} runs`, limit: 180, say: toStderr, every: 1000 },
  );
