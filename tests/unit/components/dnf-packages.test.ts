import { stagesOf } from "../../../components/stages";
import type { Facts } from "../../../plan/facts";
import { ed25519, type Mapping } from "../config/fixtures";
import { key } from "../config/pgp-key";
import { context, facts } from "./fixtures";
import { workerSpec } from "./worker-fixtures";

/** What all stages of a worker by hand ask of the package manager of such a system. */
function packages(osId: string, osVersion: string, changes: Mapping = {}): readonly string[] {
  const spec = workerSpec({
    admin: { name: "kube", authorizedKeys: [ed25519], sudo: true },
    kubeProxy: { kubeconfigFile: "/kube-proxy.kubeconfig", mode: "ipvs" },
    cni: { type: "bridge", plugins: "provided" },
    runtime: {
      type: "docker",
      source: "docker",
      repository: { key, url: "https://packages.example.com" },
    },
    ...changes,
  });
  const on: Facts = { ...facts, osId, osVersion, osName: `${osId} ${osVersion}`, packageManager: "dnf" };
  const all = stagesOf(spec, spec.nodes[0]!).flatMap((stage) => stage.requirements(on, context));
  return [...new Set(all.filter(({ kind }) => kind === "package").map((one) => one.key))].sort();
}

const everywhere = [
  ...["conntrack-tools", "containerd.io", "cri-dockerd", "docker-ce", "docker-ce-cli", "firewalld", "ipset"],
  ...["ipvsadm", "nftables", "socat", "sudo"],
];

describe("the packages of a worker with dnf", () => {
  it.each([
    ["rocky", "8.10", "iptables"],
    ["rocky", "9.6", "iptables-nft"],
    ["almalinux", "10.0", "iptables-nft"],
    ["rhel", "9.4", "iptables-nft"],
    ["centos", "9", "iptables-nft"],
    ["fedora", "42", "iptables-nft"],
  ])("have the names that %s %s gives them", (id, version, iptables) =>
    expect(packages(id, version)).toEqual([...everywhere, iptables].sort()),
  );

  it("are those of the distribution's CNI plugins, too", () =>
    expect(packages("rocky", "9.6", { cni: { type: "bridge", plugins: "distribution" } })).toContain(
      "containernetworking-plugins",
    ));

  it.each(["containerd", "docker"])("are not the distribution's own %s, which it does not have", (type) =>
    expect(() => packages("rocky", "9.6", { runtime: { type, source: "distribution" } })).toThrow(
      /runtime\.source( is)? distribution, but rocky 9\.6 .*use runtime\.source: docker \(its .*runtime\.repository/,
    ),
  );
});
