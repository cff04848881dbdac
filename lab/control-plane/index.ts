import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "yaml";
import { must, run, type RunResult } from "../../offline/process";
import { goProgram } from "../binaries";
import { etcd, kubernetes } from "../kubernetes";
import { endProcess, startProcess } from "../process";
import { toStderr, waitFor, type Say } from "../progress";
import { Authority, type Certificate } from "./certificates";
import { kubeconfig } from "./kubeconfig";
import { openTunnel, type Kubelets, type Tunnel } from "./tunnel";

/** The build machine, as every guest of QEMU's user network sees it. */
export const gateway = "10.0.2.2";

export interface ControlPlaneOptions {
  /** For keys, data and logs; made anew. */
  readonly folder: string;
  /** Port of 127.0.0.1, and of `gateway` for the guests, on which the API server listens; etcd takes the next two. */
  readonly port: number;
  readonly serviceCidr: string;
  /** The port of 127.0.0.1 that leads to each node's kubelet, by the name under which the node registers. */
  readonly kubelets: Kubelets;
  readonly say?: Say;
}

/**
 * etcd and the API server on this machine, as processes that end with this one. Nodes and RBAC authorize, as in any
 * cluster; there is no scheduler and no controller manager, so whoever makes a Pod says on which node it runs.
 */
export class ControlPlane {
  private constructor(
    readonly options: ControlPlaneOptions,
    /** Signs the certificates of all who speak with the API server, and of the kubelets. */
    readonly authority: Authority,
    /** Folder of Kubernetes' programs: kubelet, kube-proxy, kubeadm, kubectl, kube-apiserver. */
    readonly programs: string,
    private readonly tunnel: Tunnel,
  ) {}

  /** Starts it, and waits until it answers. The programs are built where they are not in the cache. */
  static async start(options: ControlPlaneOptions): Promise<ControlPlane> {
    const say = options.say ?? toStderr;
    const [server, programs] = [await goProgram(etcd, say), await goProgram(kubernetes, say)];
    await rm(options.folder, { recursive: true, force: true });
    await mkdir(options.folder, { recursive: true, mode: 0o700 });
    const authority = await Authority.create(join(options.folder, "pki"), "lab");
    const tunnel = await openTunnel(join(options.folder, "kubelets.sock"), options.kubelets);
    const plane = new ControlPlane(options, authority, programs, tunnel);
    try {
      await plane.startEtcd(join(server, "server"));
      await plane.startApiServer();
      await plane.waitUntilReady(say);
    } catch (error) {
      await plane.stop();
      throw error;
    }
    return plane;
  }

  /** Where the guests reach the API server. */
  get url(): string {
    return `https://${gateway}:${this.options.port}`;
  }

  /** Where this machine does. */
  get localUrl(): string {
    return `https://127.0.0.1:${this.options.port}`;
  }

  path(name: string): string {
    return join(this.options.folder, name);
  }

  /** A kubeconfig for use on a guest; of nobody where no user is given. */
  kubeconfigOf(user?: Certificate): Promise<string> {
    return kubeconfig(this.url, this.authority.self.certificate, user);
  }

  /** Runs the real `kubectl` as the cluster's administrator; any exit code is a result. */
  tryKubectl(args: readonly string[], input?: string): Promise<RunResult> {
    const words = ["--kubeconfig", this.path("admin.kubeconfig"), "--request-timeout=60s", ...args];
    return run(join(this.programs, "kubectl"), words, {
      timeout: 90_000,
      ...(input === undefined ? {} : { input }),
    });
  }

  /** As `tryKubectl`, but it has to succeed; returns its stdout. */
  async kubectl(args: readonly string[], input?: string): Promise<string> {
    const { code, stdout, stderr } = await this.tryKubectl(args, input);
    if (code !== 0) throw new Error(`kubectl ${args.join(" ")} ended with ${code}: ${stderr}${stdout}`);
    return stdout;
  }

  /**
   * Runs the real `kubeadm` on this machine as the cluster's administrator, with a configuration.
   *
   * @throws Error with what it wrote when it fails.
   */
  async kubeadm(args: readonly string[], config: string): Promise<string> {
    const file = this.path("kubeadm.yaml");
    await writeFile(file, config, { mode: 0o600 });
    const access = ["--kubeconfig", this.path("admin.kubeconfig")];
    return must(join(this.programs, "kubeadm"), [...args, "--config", file, ...access]);
  }

  /** Makes these objects, or changes them into these. */
  apply(...objects: readonly object[]): Promise<string> {
    return this.kubectl(["apply", "-f", "-"], objects.map((one) => stringify(one)).join("---\n"));
  }

  async stop(): Promise<void> {
    for (const name of ["kube-apiserver", "etcd"]) await endProcess(this.path(`${name}.pid`), name);
    await this.tunnel.close();
  }

  private async startEtcd(program: string): Promise<void> {
    const [clients, peers] = [1, 2].map((step) => `http://127.0.0.1:${this.options.port + step}`);
    await this.background(program, "etcd", [
      ...["--name=etcd", `--data-dir=${this.path("etcd")}`, "--unsafe-no-fsync"],
      ...[`--listen-client-urls=${clients}`, `--advertise-client-urls=${clients}`],
      ...[`--listen-peer-urls=${peers}`, `--initial-advertise-peer-urls=${peers}`],
      `--initial-cluster=etcd=${peers}`,
    ]);
  }

  private async startApiServer(): Promise<void> {
    const admin = await this.authority.issue("admin", { name: "admin", organization: "system:masters" });
    const local = await kubeconfig(this.localUrl, this.authority.self.certificate, admin);
    await writeFile(this.path("admin.kubeconfig"), local, { mode: 0o600 });
    const program = join(this.programs, "kube-apiserver");
    await this.background(program, "kube-apiserver", await this.apiServerArguments());
  }

  private async apiServerArguments(): Promise<string[]> {
    const { port, serviceCidr } = this.options;
    const names = ["IP:127.0.0.1", `IP:${gateway}`, "DNS:kubernetes.default.svc"];
    const server = await this.authority.issue("kube-apiserver", { name: "kube-apiserver", reachedBy: names });
    // In no group that may do everything: what it may do on kubelets is for RBAC to say.
    const client = await this.authority.issue("kubelet-client", { name: "kubernetes" });
    const ca = this.authority.self.certificate;
    const accounts = this.path("pki/accounts.key");
    await must("openssl", [
      "genpkey",
      "-algorithm",
      "RSA",
      "-pkeyopt",
      "rsa_keygen_bits:2048",
      "-out",
      accounts,
    ]);
    return [
      ...["--bind-address=127.0.0.1", `--secure-port=${port}`, `--advertise-address=${gateway}`],
      ...[`--etcd-servers=http://127.0.0.1:${port + 1}`, `--service-cluster-ip-range=${serviceCidr}`],
      ...[
        "--authorization-mode=Node,RBAC",
        "--enable-bootstrap-token-auth",
        "--enable-admission-plugins=NodeRestriction",
      ],
      ...[
        `--client-ca-file=${ca}`,
        `--tls-cert-file=${server.certificate}`,
        `--tls-private-key-file=${server.key}`,
      ],
      ...[`--kubelet-certificate-authority=${ca}`, "--kubelet-preferred-address-types=Hostname"],
      ...[`--kubelet-client-certificate=${client.certificate}`, `--kubelet-client-key=${client.key}`],
      "--service-account-issuer=https://kubernetes.default.svc",
      ...[`--service-account-key-file=${accounts}`, `--service-account-signing-key-file=${accounts}`],
      `--egress-selector-config-file=${await this.egressSelector()}`,
    ];
  }

  /** Connections into the cluster go through the tunnel. */
  private async egressSelector(): Promise<string> {
    const transport = { uds: { udsName: this.path("kubelets.sock") } };
    const file = this.path("egress.yaml");
    const text = stringify({
      apiVersion: "apiserver.k8s.io/v1beta1",
      kind: "EgressSelectorConfiguration",
      egressSelections: [{ name: "cluster", connection: { proxyProtocol: "HTTPConnect", transport } }],
    });
    await writeFile(file, text);
    return file;
  }

  private background(program: string, name: string, args: readonly string[]): Promise<void> {
    const log = this.path(`${name}.log`);
    return startProcess({ program, args, log, pidFile: this.path(`${name}.pid`), outlives: false });
  }

  private async waitUntilReady(say: Say): Promise<void> {
    const look = async (): Promise<boolean> => (await this.tryKubectl(["get", "--raw=/readyz"])).code === 0;
    await waitFor(look, { what: `API server, see ${this.path("kube-apiserver.log")}`, limit: 120, say });
  }
}
