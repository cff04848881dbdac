import { containerRuntime, type ContainerRuntimeArgs } from "../../../components/container-runtime";
import type { Facts, PodFacts } from "../../../plan/facts";
import { context, facts } from "./fixtures";

/* Machines that serve a cluster which nodeprep has not made. */
const args: ContainerRuntimeArgs = {
  type: "containerd",
  source: "distribution",
  cgroupDriver: "systemd",
  sandboxImage: "registry.k8s.io/pause:3.10.1",
};
const docker: ContainerRuntimeArgs = { ...args, type: "docker" };
const joined: PodFacts = { count: 3, containers: 6, joined: true };
const file = (content = "") => ({ sha256: "0", content });
const config = (content: string) => ({ "/etc/containerd/config.toml": file(content) });
const prepared = { "/var/lib/nodeprep/owner": file("org/project/stack/node") };

const plan = (files: Facts["files"], some: Partial<ContainerRuntimeArgs> = {}, pods = joined) =>
  containerRuntime.requirements({ ...args, ...some }, { ...facts, files, pods }, context);
const warned = (files: Facts["files"], differing = ["file:/etc/containerd/config.toml"]) =>
  containerRuntime.warnings?.(args, { ...facts, files }, { node: context, requirements: [], differing });

it("asks for every file that it looks at", () => {
  const { glances } = containerRuntime.asks?.(args) ?? {};
  expect(glances).toEqual(
    expect.arrayContaining([
      ...["/etc/systemd/system/k3s-agent.service", "/usr/local/lib/systemd/system/rke2-agent.service"],
      ...["/var/lib/kubelet/kubeadm-flags.env", "/etc/containerd/config.toml", ...Object.keys(prepared)],
    ]),
  );
});

describe("another distribution of Kubernetes", () => {
  it.each([
    ["k3s", "/etc/systemd/system/k3s.service", /k3s-uninstall\.sh/],
    ["RKE2", "/usr/local/lib/systemd/system/rke2-agent.service", /rke2-uninstall\.sh/],
    ["RKE2", "/usr/lib/systemd/system/rke2-server.service", /rke2-uninstall\.sh/],
    ["MicroK8s", "/etc/systemd/system/snap.microk8s.daemon-kubelite.service", /snap remove microk8s/],
    ["k0s", "/etc/systemd/system/k0sworker.service", /k0s reset/],
  ])("%s at %s is refused, unless nodeprep was there before", (name, unit, remedy) => {
    expect(() => plan({ [unit]: file() })).toThrow(`${name} is installed on the machine (${unit})`);
    expect(() => plan({ [unit]: file() })).toThrow(remedy);
    expect(plan({ [unit]: file(), ...prepared })).not.toEqual([]);
  });
});

describe("the runtime's programs from elsewhere", () => {
  const trace = (name: string) => `/var/lib/dpkg/info/${name}.md5sums`;
  const machineWith = (name: string, some: Partial<ContainerRuntimeArgs> = {}, more: Partial<Facts> = {}) =>
    containerRuntime.requirements(
      { ...args, ...some },
      { ...facts, ...more, files: { [trace(name)]: file(), ...more.files } },
      context,
    );
  const key = "-----BEGIN PGP PUBLIC KEY BLOCK-----\n";
  const fromDocker = { source: "docker", version: "1.7.28-1", repository: { key } } as const;

  it.each<[string, Partial<ContainerRuntimeArgs>]>([
    ["containerd.io", {}],
    ["containerd", fromDocker],
    ["runc", fromDocker],
    ["docker-ce", { type: "docker" }],
  ])("%s is refused with %j, before anything is changed", (name, some) => {
    expect(() => machineWith(name, some)).toThrow(
      `${name} is installed on the machine, which cannot be there as well`,
    );
    expect(containerRuntime.asks?.({ ...args, ...some }).glances).toContain(trace(name));
    // nodeprep itself goes from one to the other
    expect(machineWith(name, some, { files: prepared })).not.toEqual([]);
  });

  it.each<[string, Partial<ContainerRuntimeArgs>]>([
    ["containerd", {}],
    ["containerd.io", fromDocker],
  ])("%s is no matter with %j", (name, some) => expect(machineWith(name, some)).not.toEqual([]));
});

describe("a kubelet that uses another runtime", () => {
  const flags = (socket: string) =>
    file(`KUBELET_KUBEADM_ARGS="--container-runtime-endpoint=${socket} --node-ip=10.0.0.1"\n`);

  it.each<[string, Record<string, ReturnType<typeof file>>]>([
    [
      "kubeadm's arguments",
      { "/var/lib/kubelet/kubeadm-flags.env": flags("unix:///var/run/crio/crio.sock") },
    ],
    [
      "kubeadm's file of the instance",
      {
        "/var/lib/kubelet/instance-config.yaml": file(
          "apiVersion: kubelet.config.k8s.io/v1beta1\ncontainerRuntimeEndpoint: unix:///var/run/crio/crio.sock\n",
        ),
        "/var/lib/kubelet/config.yaml": file('containerRuntimeEndpoint: ""\n'),
      },
    ],
    [
      "kubespray's arguments",
      {
        "/etc/kubernetes/kubelet.env": file(
          'KUBELET_ARGS="--node-ip=10.0.0.1 \\\n--container-runtime-endpoint=unix:///var/run/crio/crio.sock \\\n"\n',
        ),
      },
    ],
  ])("is refused by %s, with both sockets", (_title, files) => {
    expect(() => plan(files)).toThrow(
      /type is containerd \(unix:\/\/\/run\/containerd\/containerd\.sock\), but .* uses the runtime at unix:\/\/\/var\/run\/crio\/crio\.sock/,
    );
    expect(plan({ ...files, ...prepared })).not.toEqual([]);
    expect(plan(files, {}, { ...joined, joined: false })).not.toEqual([]);
  });

  it("is one whose containerd would lose its CRI to Docker's", () => {
    const files = { "/var/lib/kubelet/kubeadm-flags.env": flags("unix:///run/containerd/containerd.sock") };
    expect(() => plan(files, docker)).toThrow(/runtime\.type is docker/);
  });

  it.each([
    "unix:///var/run/containerd/containerd.sock",
    "unix:///run/containerd/containerd.sock",
    "/run/containerd/containerd.sock",
  ])("is not one of %s", (socket) =>
    expect(plan({ "/var/lib/kubelet/kubeadm-flags.env": flags(socket) })).not.toEqual([]),
  );

  it.each(["", "KUBELET_KUBEADM_ARGS=\n", 'containerRuntimeEndpoint:\nother: "x"\n'])(
    "is not one that does not say: %j",
    (text) => expect(plan({ "/var/lib/kubelet/config.yaml": file(text) })).not.toEqual([]),
  );
});

describe("a containerd that no package has brought", () => {
  const unit = (program: string) => ({
    "/etc/systemd/system/containerd.service": file(`[Service]\nExecStart=${program}\nType=notify\n`),
  });

  it("is told of where a package would bring a second one", () => {
    expect(containerRuntime.asks?.(args).glances).toContain("/etc/systemd/system/containerd.service");
    expect(warned(unit("/usr/local/bin/containerd"))).toEqual([
      expect.stringMatching(
        /runs \/usr\/local\/bin\/containerd, which no package has brought.*source: release/,
      ),
    ]);
    expect(warned(unit("/usr/bin/containerd"))).toEqual([]);
    const survey = { node: context, requirements: [], differing: [] };
    const released = { ...args, source: "release" as const };
    const files = unit("/usr/local/bin/containerd");
    expect(containerRuntime.warnings?.(released, { ...facts, files }, survey)).toEqual([]);
  });
});

describe("somebody's configuration of containerd", () => {
  const theirs = `
version = 2
root = "/data/containerd"
imports = ["/etc/containerd/conf.d/*.toml"]
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "registry.example/pause:3.9"
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
  [plugins."io.containerd.grpc.v1.cri".containerd]
    default_runtime_name = "nvidia"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.nvidia]
      runtime_type = "io.containerd.runc.v2"
      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.nvidia.options]
        BinaryName = "/usr/bin/nvidia-container-runtime"
  [plugins."io.containerd.grpc.v1.cri".registry.configs."registry.example".auth]
    username = "u"
    password = "hunter2"
`;

  it("is lost with what is named in the preview, and no value of it", () => {
    expect(warned(config(theirs))).toEqual([
      expect.stringContaining(
        "replaces the file: cni.bin_dir, containerd.default_runtime_name, containerd.runtimes.nvidia.runtime_type, imports, registry.configs. ",
      ),
    ]);
    expect(JSON.stringify(warned(config(theirs)))).not.toContain("hunter2");
    expect(warned(config(theirs), [])).toEqual([]);
  });

  it("is read in schema 3 as well", () =>
    expect(
      warned(
        config(`version = 3
[plugins."io.containerd.cri.v1.images"]
snapshotter = "zfs"
[plugins."io.containerd.cri.v1.images".registry]
config_path = "/etc/containerd/certs.d:/etc/docker/certs.d"
[plugins."io.containerd.cri.v1.runtime".containerd.runtimes.kata]
runtime_type = "io.containerd.kata.v2"
[proxy_plugins.stargz]
type = "snapshot"
`),
      ),
    ).toEqual([
      expect.stringContaining(
        ": containerd.runtimes.kata.runtime_type, proxy_plugins, registry.config_path, snapshotter. ",
      ),
    ]));

  it.each([
    ["is that of nodeprep", () => plan({}).find(({ key }) => key.endsWith("/config.toml"))?.body ?? ""],
    ["is no TOML", () => "{"],
    [
      "has nothing but what containerd has by itself",
      () => `version = 2
root = "/var/lib/containerd"
state = "/run/containerd"
imports = []
[grpc]
address = "/run/containerd/containerd.sock"
[plugins."io.containerd.grpc.v1.cri"]
enable_selinux = false
[plugins."io.containerd.grpc.v1.cri".cni]
bin_dir = "/opt/cni/bin"
conf_dir = "/etc/cni/net.d"
[plugins."io.containerd.grpc.v1.cri".containerd]
default_runtime_name = "runc"
snapshotter = "overlayfs"
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"
snapshotter = ""
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
BinaryName = ""
[plugins."io.containerd.grpc.v1.cri".registry]
config_path = ""
[plugins."io.containerd.grpc.v1.cri".registry.mirrors]
[proxy_plugins]
`,
    ],
  ])("is no matter where it %s", (_title, text) => {
    expect(warned(config(text()))).toEqual([]);
    expect(plan(config(text()))).not.toEqual([]);
  });

  it("keeps them in the usual place under another name of it, too", () => {
    const text = 'root = "/var/lib/containerd/"\nstate = "/var/run/containerd"\n';
    expect(plan(config(text))).not.toEqual([]);
  });

  it("is not replaced under running containers where it keeps them in another place", () => {
    expect(() => plan(config(theirs))).toThrow(
      /has root = "\/data\/containerd", .*containerd would know none of them.*mount the folder at its usual place/,
    );
    expect(plan(config(theirs), {}, { ...joined, containers: 0 })).not.toEqual([]);
  });
});
