import { kubernetesPackages } from "../../components/kubernetes-packages";
import type { Requirement } from "../../plan/requirement";
import type { SignedRepository } from "../support/packages";
import { kubernetesCompanions, kubernetesPackagesOf } from "../support/kubernetes-stand-ins";
import { emptyPackage } from "../support/runtime-stand-ins";
import { context, facts } from "../unit/components/fixtures";
import { managers, RuntimeMachine } from "./runtime-machine";
import type { Shell } from "./sandbox";

/*
 * The whole stage, through the real apt and the real dnf, on signed repositories of stand-in packages. There is no
 * service manager in a sandbox: systemctl.sh stands in for it.
 */
const tools = ["conntrack", "conntrack-tools", "ipset", "iptables", "iptables-nft", "socat"];

describe.each(managers)("Kubernetes' packages with $name", (manager) => {
  const revision = manager.name === "apt" ? "1.1" : "150500.1.1";
  let signed: SignedRepository;
  let other: SignedRepository;
  let machine: RuntimeMachine;
  beforeAll(async () => {
    const packages = ["1.34.1", "1.34.2"].flatMap((version) =>
      kubernetesPackagesOf(`${version}-${revision}`),
    );
    [signed, other] = await Promise.all([
      manager.build([...packages, ...kubernetesCompanions, ...tools.map(emptyPackage)]),
      manager.build([emptyPackage("other")]),
    ]);
  });
  afterEach(() => machine.close());

  const open = async (shells: Readonly<Record<"apt" | "dnf", Shell>>): Promise<string> => {
    machine = await RuntimeMachine.open(manager, signed, shells[manager.name]);
    return machine.state();
  };
  const wanted = (kubernetesVersion = "1.34.2", key = signed.key): readonly Requirement[] =>
    kubernetesPackages.requirements(
      { repository: machine.repository(key), criSocket: "unix:///run/containerd/containerd.sock" },
      { ...facts, packageManager: manager.name, osVersion: "9" },
      { ...context, kubernetesVersion },
    );
  const main = (version: string, names: readonly string[] = ["kubeadm", "kubectl", "kubelet"]) =>
    names.map((name) => expect.stringMatching(`^${name} ${version}-${revision}$`) as string);
  const lines = async () => (await machine.state()).split("\n");

  it("come with what they need, held, with a kubelet that waits for kubeadm", async () => {
    const before = await open({ apt: "dash", dnf: "busybox" });
    await machine.applied(wanted());
    expect(await lines()).toEqual(
      expect.arrayContaining([
        ...main("1.34.2"),
        expect.stringMatching(/^cri-tools 1\.34\.0/),
        expect.stringMatching(/^kubernetes-cni 1\.7\.1/),
        ...["kubelet", "kubeadm", "kubectl", "enabled.kubelet.service"],
      ]),
    );
    expect(await machine.told()).toEqual([]);
    expect(await machine.sh("cat /etc/crictl.yaml")).toContain("unix:///run/containerd/containerd.sock");

    // what kubeadm join and the kubelet leave, and what kubeadm reset does not take away
    await machine.sh(
      "touch /var/lib/kubelet/config.yaml; systemctl start kubelet.service; mkdir /var/lib/kubelet/pods",
    );
    expect(await machine.phrases(wanted())).toEqual([]);
    await machine.sh("rm /var/lib/kubelet/config.yaml");
    expect(await machine.undo()).toEqual([]);
    expect(await machine.state()).toBe(before);
  });

  it("are repaired when somebody has changed them", async () => {
    const before = await open({ apt: "bash", dnf: "dash" });
    await machine.applied(wanted());
    await machine.sh(
      `${manager.remove} kubectl >/dev/null 2>&1; systemctl disable kubelet.service; rm /etc/crictl.yaml
       ${manager.name === "apt" ? "apt-mark unhold kubeadm >/dev/null" : "sed -i 's/ kubeadm//' /etc/dnf/dnf.conf"}`,
    );
    expect(await machine.phrases(wanted())).toEqual([
      "package:kubeadm is not held, must be",
      `package:kubectl is not installed, must be in version 1.34.2-${revision}`,
      "file:/etc/crictl.yaml is absent, must be a file",
      "service:kubelet.service is disabled, must be enabled",
    ]);
    await machine.applied(wanted());
    expect(await machine.undo()).toEqual([]);
    expect(await machine.state()).toBe(before);
  });

  it("change their version over the hold, and leave a kubelet running", async () => {
    const before = await open({ apt: "busybox", dnf: "bash" });
    await machine.applied(wanted("1.34.1"));
    await machine.sh("touch /var/lib/kubelet/config.yaml; systemctl start kubelet.service");
    await machine.told();
    await machine.applied(wanted());
    expect(await lines()).toEqual(
      expect.arrayContaining([...main("1.34.2"), "kubelet", "active.kubelet.service"]),
    );
    await machine.sh("rm /var/lib/kubelet/config.yaml");
    expect(await machine.undo()).toEqual([]);
    expect(await machine.state()).toBe(before);
  });

  it("are refused with another signer's key, and nothing of them stays", async () => {
    const before = await open({ apt: "dash", dnf: "dash" });
    const { code, stderr } = await machine.apply(wanted("1.34.2", other.key));
    expect([code, stderr]).toEqual([1, expect.stringContaining("the signature of the repository")]);
    await machine.undo();
    expect(await machine.state()).toBe(before);
  });
});
