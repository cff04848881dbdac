import { adminUser } from "../../../components/admin-user";
import {
  kernelPrereqs,
  minimumSysctls,
  requiredSysctls,
  type KernelPrereqsArgs,
} from "../../../components/kernel-prereqs";
import { selinux } from "../../../components/selinux";
import { stagesOf } from "../../../components/stages";
import { swap } from "../../../components/swap";
import type { NodeContext } from "../../../plan/stage";
import { encodeRequirements, requirementName } from "../../../plan/requirement";
import { cluster, config, ed25519, node, type Mapping } from "../config/fixtures";
import { context, facts } from "./fixtures";

const names = (changes: Mapping = {}): readonly string[] => {
  const spec = cluster(config(changes));
  return stagesOf(spec, spec.nodes[0]!).map(({ name }) => name);
};

describe("the stages of a node", () => {
  it("are, in order, those that the configuration asks for", () => {
    expect(names({ admin: { name: "kube", authorizedKeys: [ed25519] } })).toEqual([
      "toolkit",
      "admin-user",
      "kernel-prereqs",
      "swap",
      "selinux",
      "firewall-guard",
      "firewall",
      "firewall-confirm",
      "container-runtime",
    ]);
  });

  it("are fewer where it leaves things alone", () => {
    expect(names({ swap: "untouched", selinux: "untouched", firewall: { backend: "none" } })).toEqual([
      "toolkit",
      "kernel-prereqs",
      "container-runtime",
    ]);
  });

  it.each([
    { cni: { type: "calico" }, nodes: { "node-0": node({ role: "control-plane" }) } },
    { cni: { type: "cilium" }, runtime: { type: "docker" } },
    {
      cni: { type: "bridge", plugins: "distribution" },
      nodes: { "node-1": node({ podSubnet: "10.200.1.0/24" }) },
    },
  ])("keep NetworkManager, where it runs, away from the interfaces of pods: %j", (changes) => {
    const spec = cluster(config(changes));
    const stages = stagesOf(spec, spec.nodes[0]!);
    const said = (networkManager: boolean) =>
      stages
        .flatMap(({ requirements }) => requirements({ ...facts, networkManager }, context))
        .filter(({ key }) => key.includes("NetworkManager"));
    const path = "/etc/NetworkManager/conf.d/90-nodeprep-cni.conf";
    expect(said(false)).toEqual([]);
    expect(said(true)).toEqual([
      {
        ...{ kind: "file", key: path, value: expect.stringContaining("mode=0644") as string },
        body: `[keyfile]\nunmanaged-devices+=${[
          ...["cni*", "veth*", "flannel*", "cali*", "tunl*", "vxlan.calico", "vxlan-v6.calico"],
          ...["wireguard.cali", "wg-v6.cali", "cilium*", "lxc*", "kube-ipvs0", "nodelocaldns"],
        ]
          .map((name) => `interface-name:${name}`)
          .join(";")}`,
      },
      {
        ...{ kind: "service", key: "NetworkManager.service" },
        value: `enabled active reload-after=file:${path}`,
      },
    ]);
  });
});

describe("kernel-prereqs", () => {
  const plan = (args: KernelPrereqsArgs = {}, more: Partial<NodeContext> = {}) =>
    kernelPrereqs.requirements(args, facts, { ...context, ...more });
  const values = (...words: Parameters<typeof plan>) =>
    Object.fromEntries(plan(...words).map((r) => [requirementName(r), r.value]));

  it("states each module and sysctl for now and for the next boot", () => {
    const text = encodeRequirements(plan());
    expect(text).toMatch(/^file \/etc\/modules-load\.d\/k8s\.conf .*\n {2}\|overlay\n {2}\|br_netfilter\n/);
    expect(values()).toMatchObject({ "module:overlay": "loaded", "module:br_netfilter": "loaded" });
    for (const [key, value] of Object.entries(requiredSysctls)) {
      expect(text).toContain(`  |${key} = ${value}\n`);
      expect(values()[`sysctl:${key}`]).toBe(`= ${value}`);
    }
  });

  it("states what Kubernetes' networking, the kubelet's protectKernelDefaults and many watches need", () => {
    expect({ ...requiredSysctls, ...minimumSysctls }).toEqual({
      "net.bridge.bridge-nf-call-iptables": "1",
      "net.bridge.bridge-nf-call-ip6tables": "1",
      "net.ipv4.ip_forward": "1",
      "vm.overcommit_memory": "1",
      "vm.panic_on_oom": "0",
      "kernel.panic": "10",
      "kernel.panic_on_oops": "1",
      "fs.inotify.max_user_instances": "8192",
      "fs.inotify.max_user_watches": "524288",
    });
  });

  it("adds what the cluster wants, under the names that it wants", () => {
    const args = {
      modules: ["ip_vs", "overlay"],
      sysctls: { "net.core.somaxconn": " 1024  ", "net.ipv4.ip_local_port_range": "1024\t65000" },
      modulesFile: "a.conf",
      sysctlFile: "b.conf",
    };
    expect(values(args)).toMatchObject({
      "module:ip_vs": "loaded",
      "sysctl:net.core.somaxconn": "= 1024",
      "sysctl:net.ipv4.ip_local_port_range": "= 1024 65000",
    });
    expect(Object.keys(values(args))).toEqual(
      expect.arrayContaining(["file:/etc/modules-load.d/a.conf", "file:/etc/sysctl.d/b.conf"]),
    );
    expect(plan(args).filter(({ key }) => key === "overlay")).toHaveLength(1);
  });

  it("never lowers a minimum, and lets the cluster decide where it says a value", () => {
    const key = "fs.inotify.max_user_watches";
    expect(values()[`sysctl:${key}`]).toBe(">= 524288");
    expect(values({ sysctls: { [key]: 100_000 } })[`sysctl:${key}`]).toBe("= 100000");
  });

  it("forwards IPv6 where pods have it", () => {
    const key = "sysctl:net.ipv6.conf.all.forwarding";
    expect(values()[key]).toBeUndefined();
    expect(values({}, { podCidrs: ["10.200.0.0/16", "fd00:200::/48"] })[key]).toBe("= 1");
  });

  it("refuses a value that Kubernetes cannot live with", () =>
    expect(() => plan({ sysctls: { "net.ipv4.ip_forward": 0 } })).toThrow(
      "sysctl net.ipv4.ip_forward: 0 contradicts what Kubernetes needs, 1; remove it",
    ));
});

test.each([
  ["swap", swap.requirements({}, facts, context), "fstab /etc/fstab without swap\nswap all off\n"],
  ["selinux", selinux.requirements({ mode: "enforcing" }, facts, context), "selinux mode enforcing\n"],
])("%s states its requirements", (_name, requirements, text) =>
  expect(encodeRequirements(requirements)).toBe(text),
);

describe("admin-user", () => {
  const plan = (sudo: boolean, name = "kube") =>
    adminUser.requirements({ name, authorizedKeys: [ed25519], sudo }, facts, context).map(requirementName);

  it("is one account, without sudo unless it is asked for", () => {
    expect(plan(false)).toEqual(["user:kube"]);
    expect(plan(true)).toEqual(["user:kube", "package:sudo", "file:/etc/sudoers.d/nodeprep-kube"]);
  });

  it("needs the package sudo only where no other one has brought the command", () =>
    expect(
      adminUser.requirements({ name: "kube", authorizedKeys: [ed25519], sudo: true }, facts, context)[1],
    ).toEqual({
      kind: "package",
      key: "sudo",
      value: "version=any unless=sudo",
    }));

  it("has its sudo rule checked before it is written, which only root reads", () =>
    expect(
      adminUser.requirements({ name: "kube", authorizedKeys: [ed25519], sudo: true }, facts, context).at(-1),
    ).toMatchObject({
      value: expect.stringMatching(/^mode=0440 owner=root:root .* check=sudoers$/) as unknown,
      body: "kube ALL=(ALL:ALL) NOPASSWD:ALL",
    }));

  it("names its sudo rule so that sudo reads it", () =>
    expect(plan(true, "a.b")).toContain("file:/etc/sudoers.d/nodeprep-a,b"));
});
