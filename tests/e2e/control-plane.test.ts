import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ControlPlane } from "../../lab/control-plane";
import type { Certificate } from "../../lab/control-plane/certificates";
import {
  clusterConfiguration,
  initConfiguration,
  joinConfiguration,
  kubeletConfiguration,
} from "../../components/kubeadm";
import { cluster, config, node } from "../unit/config/fixtures";
import { token } from "./support/kubeadm";
import { planePort } from "./support/machine";

const nodes = { "node-0": node({ role: "control-plane" }), "node-1": node({ host: "192.0.2.11" }) };

/** The API server that workers are tested with: as strict as that of any cluster. Nothing else is started. */
describe("the lab's control plane", () => {
  let folder: string;
  let plane: ControlPlane;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "nodeprep-plane-"));
    plane = await ControlPlane.start({
      folder,
      port: planePort,
      serviceCidr: "10.32.0.0/24",
      kubelets: {},
    });
  });
  afterAll(async () => {
    await plane.stop();
    await rm(folder, { recursive: true, force: true });
  });

  /** What `kubectl` says to somebody; `yes` and `no` are what `auth can-i` answers. */
  const as = async (user: Certificate, ...words: string[]): Promise<string> => {
    const file = plane.path("somebody.kubeconfig");
    await writeFile(file, (await plane.kubeconfigOf(user)).replace(plane.url, plane.localUrl));
    const { stdout, stderr } = await plane.tryKubectl(["--kubeconfig", file, ...words]);
    return `${stdout}${stderr}`.trim();
  };
  const nodeObject = (name: string): string =>
    JSON.stringify({ apiVersion: "v1", kind: "Node", metadata: { name } });

  it("is the version that it says, with a Service of its own that guests reach", async () => {
    expect(await plane.kubectl(["version"])).toContain("Server Version: v1.34.2");
    const address = ["get", "endpoints", "kubernetes", "-o", "jsonpath={.subsets[0].addresses[0].ip}"];
    expect(await plane.kubectl(address)).toBe("10.0.2.2");
  });

  it("has a kubeadm that accepts every document of the outputs", async () => {
    const hash = `sha256:${"7".repeat(64)}`;
    const networks = {
      podCidr: ["10.200.0.0/16", "fd00:200::/48"],
      serviceCidr: ["10.32.0.0/24", "fd00:32::/112"],
    };
    const socket = "unix:///run/containerd/containerd.sock";
    for (const more of [{}, { ...networks, swap: "untouched" }]) {
      const spec = cluster(config({ ...more, nodes, kubeadm: { caCertHashes: [hash] } }));
      const documents = spec.nodes.flatMap((one) => [
        initConfiguration(spec, one, token, socket),
        initConfiguration(spec, one, undefined, socket),
        joinConfiguration(spec, one, token, socket),
      ]);
      for (const one of [clusterConfiguration(spec), kubeletConfiguration(spec), ...documents])
        expect(await plane.kubeadm(["config", "validate"], one)).toBe("ok\n");
    }
  });

  it("lets a kubelet make the Node of its own name, and no other", async () => {
    const kubelet = await plane.authority.issue("node-0", {
      name: "system:node:node-0",
      organization: "system:nodes",
    });
    await writeFile(plane.path("node-0.json"), nodeObject("node-0"));
    await writeFile(plane.path("node-1.json"), nodeObject("node-1"));
    const create = (name: string) => as(kubelet, "create", "-f", plane.path(`${name}.json`));
    expect(await create("node-0")).toBe("node/node-0 created");
    expect(await create("node-1")).toContain('node "node-0" is not allowed to modify node "node-1"');
  });

  it("lets kube-proxy see Services and no Secrets, and strangers nothing", async () => {
    const proxy = await plane.authority.issue("kube-proxy", { name: "system:kube-proxy" });
    const stranger = await plane.authority.issue("stranger", { name: "stranger" });
    expect(await as(proxy, "auth", "can-i", "watch", "endpointslices.discovery.k8s.io")).toBe("yes");
    expect(await as(proxy, "auth", "can-i", "list", "secrets")).toBe("no");
    expect(await as(stranger, "get", "nodes")).toContain('User "stranger" cannot list resource "nodes"');
  });
});
