import { kubelet } from "../../../components/kubelet";
import type { Facts } from "../../../plan/facts";
import * as pki from "../config/certificates";
import { encodeRequirements } from "../../../plan/requirement";
import type { StageSurvey } from "../../../plan/stage";
import type { Mapping } from "../config/fixtures";
import { context, facts } from "./fixtures";
import { bodyOf, golden, names, workerSpec } from "./worker-fixtures";

describe("the kubelet stage", () => {
  const survey: StageSurvey = { node: context, requirements: [], differing: [] };
  const args = (changes: Mapping = {}) => {
    const all = workerSpec(changes);
    const [first] = all.nodes;
    return { ...all.kubelet!, runtime: all.runtime, secrets: first!.secrets, identity: "node-0" };
  };
  const plan = (changes: Mapping = {}, more: Partial<Facts> = {}) =>
    kubelet.requirements(args(changes), { ...facts, ...more }, context);
  const path = "/var/lib/kubelet/kubelet-config.yaml";
  const unit = "/etc/systemd/system/kubelet.service";

  it("writes the files of document 004 and starts the unit after them", () => {
    expect(names(plan())).toEqual([
      "package:conntrack",
      "package:ipset",
      "package:iptables",
      "package:socat",
      "directory:/usr/libexec/kubernetes/kubelet-plugins/volume/exec",
      "directory:/var/lib/kubelet",
      "file:/var/lib/kubelet/ca.crt",
      "file:/var/lib/kubelet/kubelet.crt",
      "file:/var/lib/kubelet/kubelet.key",
      "file:/var/lib/kubelet/kubeconfig",
      `file:${path}`,
      `file:${unit}`,
      `file:${unit}.d/10-kubeadm.conf`,
      "service:kubelet.service",
    ]);
    expect(bodyOf(plan(), path)).toBe(golden("kubelet-config.yaml"));
    expect(bodyOf(plan(), unit)).toBe(golden("kubelet.service"));
    expect(plan().at(-1)?.value).toMatch(
      /restart-after=file:\/var\/lib\/kubelet\/ca\.crt,.*kubelet\.service\.d\/10-kubeadm\.conf$/,
    );
  });

  it.each([
    ["containerd", "containerd.service"],
    ["cri-o", "crio.service"],
    ["docker", "docker.service cri-docker.service"],
    ["mirantis", "docker.service cri-docker.service"],
  ] as const)("starts after %s, and stops with it", (type, units) => {
    const runtime = { type, cgroupDriver: "systemd" as const };
    const body = bodyOf(kubelet.requirements({ ...args(), runtime }, facts, context), unit);
    expect(body).toContain(`\nAfter=${units}\nRequires=${units}\n`);
  });

  it.each([
    ["kubeadm", "/var/lib/kubelet/kubeadm-flags.env"],
    ["kubespray", "/etc/kubernetes/kubelet.env"],
  ])("does not take over a kubelet of a cluster that %s has set up", (by, flags) => {
    const file = { sha256: "0", content: "" };
    const pods = { count: 3, containers: 6, joined: true };
    expect(kubelet.asks?.(args()).glances).toContain(flags);
    expect(() => plan({}, { files: { [flags]: file }, pods })).toThrow(
      `the machine's kubelet is part of a cluster, and ${by} has set it up (${flags})`,
    );
    expect(plan({}, { files: { [flags]: file }, pods: { ...pods, joined: false } })).not.toEqual([]);
    const files = { [flags]: file, "/var/lib/nodeprep/owner": file };
    expect(plan({}, { files, pods })).not.toEqual([]);
  });

  it("needs no cri-dockerd where it reaches Docker itself", () => {
    const runtime = { type: "docker", cgroupDriver: "systemd" } as const;
    const old = { ...context, kubernetesVersion: "1.23.17" };
    const body = bodyOf(kubelet.requirements({ ...args(), runtime }, facts, old), unit);
    expect(body).toContain("\nAfter=docker.service\nRequires=docker.service\n");
  });

  it("takes every setting, and others as they are", () => {
    const config = { maxPods: 110, failSwapOn: true, resolvConf: "/etc/pods.conf", address: "::" };
    const body = bodyOf(plan({ kubelet: { ...pki.kubelet, config, extra: { zz: { b: 1, a: [2] } } } }), path);
    expect(body).toContain("maxPods: 110\n");
    expect(body).toContain("failSwapOn: true\n");
    expect(body).toContain("resolvConf: /etc/pods.conf\n");
    expect(body).toContain('address: "::"\n');
    expect(body).toContain("zz:\n  a:\n    - 2\n  b: 1\n");
  });

  it("leaves a folder for volume plugins that is configured to the kubelet", () => {
    const extra = { volumePluginDir: "/var/lib/plugins" };
    expect(names(plan({ kubelet: { ...pki.kubelet, extra } })).join(" ")).not.toContain("kubelet-plugins");
  });

  it("writes secrets for root alone, by digest", () => {
    const text = encodeRequirements(plan());
    expect(text).not.toContain("PRIVATE KEY");
    expect(text).toMatch(
      /^file \/var\/lib\/kubelet\/kubelet\.key mode=0600 owner=root:root secret=kubelet\.key digest=[0-9a-f]{64}$/m,
    );
    const other = encodeRequirements(plan({}, { secretsKey: "1".repeat(64) }));
    expect(other).not.toBe(text);
  });

  const resolv = (usual: string | undefined, upstream: string | undefined): Partial<Facts> => {
    const fact = (content: string | undefined) =>
      content === undefined ? undefined : { content, sha256: "" };
    return { files: { "/etc/resolv.conf": fact(usual), "/run/systemd/resolve/resolv.conf": fact(upstream) } };
  };

  it.each([
    ["a name server elsewhere", "nameserver 192.0.2.53\n", undefined, "/etc/resolv.conf", 0],
    [
      "systemd-resolved's stub",
      "nameserver 127.0.0.53\n",
      "nameserver 192.0.2.53\n",
      "/run/systemd/resolve/resolv.conf",
      0,
    ],
    ["dnsmasq on the node", "nameserver 127.0.0.1\n", undefined, "/etc/resolv.conf", 1],
    ["a stub without anything behind it", "nameserver ::1\n", "# none\n", "/etc/resolv.conf", 1],
    ["no file at all", undefined, undefined, "/etc/resolv.conf", 0],
    ["a scoped address", "nameserver fe80::1%eth0\n", undefined, "/etc/resolv.conf", 0],
  ])("gives pods name servers that they can reach: %s", (_name, usual, upstream, chosen, warned) => {
    const more = resolv(usual, upstream);
    expect(bodyOf(plan({}, more), path)).toContain(`resolvConf: ${chosen}\n`);
    expect(kubelet.warnings?.(args(), { ...facts, ...more }, survey)).toHaveLength(warned);
  });

  it("gives them those of a file that is named, whatever the node's own says", () => {
    const own = args({ kubelet: { ...pki.kubelet, config: { resolvConf: "/etc/pods.conf" } } });
    const more = resolv("nameserver 127.0.0.1\n", undefined);
    expect(kubelet.warnings?.(own, { ...facts, ...more }, survey)).toEqual([]);
  });

  it("warns where the machine has another name than its certificate", () =>
    expect(kubelet.warnings?.({ ...args(), identity: "node-9" }, facts, survey)).toEqual([
      expect.stringContaining("is for system:node:node-9, but its host name is node-0"),
    ]));

  it("takes the name that the machine will have where its node names it", () => {
    const named = (identity: string, hostname: string) =>
      kubelet.warnings?.({ ...args(), identity, isNamed: true }, { ...facts, hostname }, survey);
    expect(named("node-0", "debian")).toEqual([]);
    const same = { ...facts, hostname: "Node-0" };
    expect(kubelet.warnings?.({ ...args(), identity: "node-0" }, same, survey)).toEqual([]);
    expect(named("debian", "debian")).toEqual([
      "its kubeconfig is for system:node:debian, but hostNames: managed names it node-0: the API server will refuse the kubelet. Call the node debian, or have a certificate signed for its name",
    ]);
  });

  it("does without a secret only by an error", () =>
    expect(() => kubelet.requirements({ ...args(), secrets: {} }, facts, context)).toThrow(
      "the kubelet needs the secret kubelet-ca.crt",
    ));
});
