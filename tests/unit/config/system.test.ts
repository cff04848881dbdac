import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { stagesOf } from "../../../components/stages";
import { configurationPage } from "../../../config/documentation/page";
import { documentedKeys } from "../../../config/documentation/keys";
import { clusterSchema } from "../../../config/schema";
import { expandHome, operatorSources } from "../../../config/sources";
import { parse } from "yaml";
import { cluster, config, mistakes, node, warnings, type Mapping } from "./fixtures";

test("docs/configuration.md is what the schema says", () => {
  const page = readFileSync(join(__dirname, "../../../docs/configuration.md"), "utf8");
  expect(page === configurationPage()).toBe(true);
});

test("every key is documented, and a required one has no default", () => {
  for (const key of documentedKeys(clusterSchema)) {
    expect(key.description).toMatch(/\.$/);
    expect(key.allowed).not.toBe("");
    expect(key.required && key.default !== undefined).toBe(false);
  }
  expect(documentedKeys(clusterSchema).map((key) => key.path)).toContain("nodes.<name>.ssh.bastion.hostKey");
});

test("the example for own machines is valid", () => {
  const text = readFileSync(join(__dirname, "../../../Pulumi.prod.example.yaml"), "utf8");
  const example = parse(text) as { config: Record<string, unknown> };
  expect(mistakes(example.config["nodeprep:cluster"])).toEqual([]);
});

test("the example for nodes that already serve is valid, and leaves all alone but kernel and runtime", () => {
  const text = readFileSync(join(__dirname, "../../../docs/existing-nodes.md"), "utf8");
  const block = /^ *```yaml\n([^`]*)```/m.exec(text)?.[1] ?? "";
  const { config } = parse(block) as { config: { "nodeprep:cluster": Mapping } };
  const given = { ...config["nodeprep:cluster"], nodes: { "node-7": node() } };
  expect([mistakes(given), warnings(given)]).toEqual([[], []]);
  const spec = cluster(given);
  expect(spec.nodes.flatMap((one) => stagesOf(spec, one)).map(({ name }) => name)).toEqual([
    ...["toolkit", "kernel-prereqs", "container-runtime"],
  ]);
});

test.each([
  [
    { runtime: { cgroupDriver: "cgroupfs" } },
    "nodeprep:cluster.runtime.cgroupDriver: cgroupfs beside systemd",
  ],
  [
    { kubernetesVersion: "1.99.0" },
    "nodeprep:cluster.kubernetesVersion: 1.99.0 is newer than this version of nodeprep knows",
  ],
  [
    { firewall: { backend: "none", extraPorts: ["80/tcp"] } },
    "nodeprep:cluster.firewall.extraPorts: no port is opened",
  ],
])("%j warns", (changes, expected) => {
  expect(warnings(config(changes))).toEqual([expect.stringContaining(expected)]);
});

test("a required sysctl may be repeated with its own value", () => {
  expect(mistakes(config({ kernel: { sysctls: { "net.ipv4.ip_forward": " 1 " } } }))).toEqual([]);
});

test("another name of a required sysctl may not contradict it either", () => {
  const kernel = (value: number) =>
    config({ kernel: { sysctls: { "net.ipv4.conf.all.forwarding": value } } });
  expect(mistakes(kernel(0))).toEqual([
    'kernel.sysctls["net.ipv4.conf.all.forwarding"]: 0 contradicts what Kubernetes needs, net.ipv4.ip_forward 1; remove it',
  ]);
  expect(mistakes(kernel(1))).toEqual([]);
});

test("what kube-proxy needs in its mode may not be contradicted", () => {
  const kernel = { sysctls: { "net.ipv4.conf.all.route_localnet": 0 } };
  const found = (kubeProxy: object) =>
    mistakes(config({ kernel, kubeProxy: { kubeconfig: "x", ...kubeProxy } })).filter((line) =>
      line.startsWith("kernel"),
    );
  expect(found({})).toEqual([
    'kernel.sysctls["net.ipv4.conf.all.route_localnet"]: 0 contradicts what kube-proxy in mode iptables needs, 1; remove it',
  ]);
  expect(found({ mode: "nftables" })).toEqual([]);
  expect(found({ extra: { iptables: { localhostNodePorts: false } } })).toEqual([]);
});

test("kube-proxy's mode ipvs is warned of from the version on that has deprecated it", () => {
  const found = (kubernetesVersion: string, mode = "ipvs") =>
    warnings(config({ kubernetesVersion, kubeProxy: { kubeconfig: "x", mode } })).filter((line) =>
      line.includes("kubeProxy.mode"),
    );
  expect(found("1.35.2")).toEqual([
    "nodeprep:cluster.kubeProxy.mode is ipvs, which Kubernetes has deprecated since 1.35: from 1.40 on it is off by default, in 1.43 it is gone. Use nftables, or iptables where nodes have a kernel before 5.13.",
  ]);
  expect([...found("1.34.9"), ...found("1.37.0", "nftables")]).toEqual([]);
});

test("a sysctl below what nodes have without it is warned of", () => {
  const kernel = (value: number) => config({ kernel: { sysctls: { "fs.inotify.max_user_watches": value } } });
  expect(warnings(kernel(100_000))).toEqual([
    'nodeprep:cluster.kernel.sysctls["fs.inotify.max_user_watches"] is 100000, below 524288, which nodes have without it: with less they run out under ordinary load. Remove it, or raise it.',
  ]);
  expect(warnings(kernel(1_000_000))).toEqual([]);
});

test("a sysctl that IPv6 pods need may not be contradicted where there are such pods, and only there", () => {
  const kernel = { sysctls: { "net.ipv6.conf.all.forwarding": 0 } };
  const dual = { podCidr: "10.200.0.0/16,fd00:200::/48", serviceCidr: "10.32.0.0/24,fd00:32::/112" };
  expect(mistakes(config({ ...dual, kernel }))).toEqual([
    expect.stringContaining(
      'kernel.sysctls["net.ipv6.conf.all.forwarding"]: 0 contradicts what Kubernetes needs, 1',
    ),
  ]);
  expect(mistakes(config({ kernel }))).toEqual([]);
});

describe("the operator's files", () => {
  const folder = mkdtempSync(join(tmpdir(), "nodeprep-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  const { readFile, home } = operatorSources();

  test("are read, or the reason is given", () => {
    writeFileSync(join(folder, "a"), "text");
    expect(readFile(join(folder, "a"))).toEqual({ text: "text" });
    expect(readFile(join(folder, "b"))).toEqual({ error: "does not exist" });
    expect(readFile(join(folder, "a/b"))).toEqual({ error: "does not exist" });
    expect(readFile(folder)).toEqual({ error: "is a directory" });
    expect(readFile("a\0b")).toEqual({ error: "cannot be read (ERR_INVALID_ARG_VALUE)" });
  });

  test("~ is the home directory, alone or before a slash", () => {
    expect(home).toBe(homedir());
    expect(["~", "~/a", "~a", "a/~/b"].map((path) => expandHome(path, "/h"))).toEqual([
      "/h",
      "/h/a",
      "~a",
      "a/~/b",
    ]);
  });

  test("the agent is found by SSH_AUTH_SOCK", () => {
    const before = process.env["SSH_AUTH_SOCK"];
    process.env["SSH_AUTH_SOCK"] = "/run/x";
    expect(operatorSources()).toMatchObject({ agentSocket: "/run/x", agentFault: "does not exist" });
    process.env["SSH_AUTH_SOCK"] = "/dev/null";
    expect(operatorSources().agentFault).toBe("is no socket");
    delete process.env["SSH_AUTH_SOCK"];
    expect(operatorSources().agentSocket).toBeUndefined();
    if (before !== undefined) process.env["SSH_AUTH_SOCK"] = before;
  });
});

test("a port is open to everybody or to some", () => {
  const firewall = { controlPlaneSources: ["192.0.2.0/24"], extraPorts: ["8080/tcp", "6000-6443/tcp"] };
  const as = (role: string) => mistakes(config({ firewall, nodes: { a: node({ role }) } }));
  expect(as("control-plane")).toEqual([
    "firewall.extraPorts[1]: 6000-6443/tcp would be open to everybody, and firewall.controlPlaneSources limits 6443/tcp; remove it, or leave controlPlaneSources out",
  ]);
  expect(as("worker")).toEqual([]);
  const off = { firewall: { ...firewall, backend: "none" }, nodes: { a: node({ role: "control-plane" }) } };
  expect(mistakes(config(off))).toEqual([]);
});

test("a number that this program cannot hold exactly is to be a text", () => {
  const kernel = (value: unknown) => config({ kernel: { sysctls: { "kernel.shmmax": value } } });
  expect(mistakes(kernel(2 ** 64 - 4096))).toEqual([expect.stringContaining("in quotes from 2^53 on")]);
  expect(mistakes(kernel("18446744073692774399"))).toEqual([]);
});
