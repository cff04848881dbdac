import { readFileSync } from "node:fs";
import { join } from "node:path";
import { firewall, firewallConfirm, firewallGuard } from "../../../components/firewall";
import type { Facts } from "../../../plan/facts";
import { parsePorts, portsText } from "../../../plan/firewall-kinds";
import { cniTraffic, merged } from "../../../plan/firewall-ports";
import { type FirewallArgs, firewallRules } from "../../../plan/firewall-rules";
import { encodeRequirements, requirementName } from "../../../plan/requirement";
import type { NodeContext } from "../../../plan/stage";
import { facts } from "../components/fixtures";

const worker: NodeContext = {
  name: "node-1",
  role: "worker",
  kubernetesVersion: "1.34.2",
  podCidrs: ["10.200.0.0/16"],
  podSubnets: [],
};
const controlPlane: NodeContext = { ...worker, name: "node-0", role: "control-plane" };

const golden = (name: string): string => readFileSync(join(__dirname, "golden", name), "utf8");

/** The rules as `zone/entry state`. */
const rules = (args: FirewallArgs, node = worker, from: Partial<Facts> = {}): readonly string[] =>
  firewallRules(args, { ...facts, ...from }, node).map(
    ({ zone, entry, state }) => `${zone}/${entry} ${state}`,
  );

describe("the stages of the firewall", () => {
  const text = (args: FirewallArgs, node: NodeContext, from = facts): string =>
    [firewallGuard, firewall, firewallConfirm]
      .map((stage) => `# ${stage.name}\n${encodeRequirements(stage.requirements(args, from, node))}`)
      .join("");

  it("are these on a worker with nothing configured", () => {
    expect(text({}, worker)).toBe(golden("firewall-worker.txt"));
  });

  it("are these on a control plane node where everything is limited", () => {
    const args: FirewallArgs = {
      zone: "internal",
      extraPorts: ["8080/tcp", "30000-30010/udp"],
      sshSources: ["10.0.0.0/8", "fd00:1::/32"],
      controlPlaneSources: ["10.1.0.0/16"],
      confirmWithin: 120,
      cni: "calico",
    };
    const dual = { ...controlPlane, podCidrs: ["10.200.0.0/16", "fd00:200::/56"] };
    expect(text(args, dual, { ...facts, sshPorts: [22, 2222], packageManager: "dnf" })).toBe(
      golden("firewall-control-plane.txt"),
    );
  });

  it("state running and permanent rules alike, under unique names", () => {
    const args: FirewallArgs = { cni: "calico", sshSources: ["10.0.0.0/8"], extraPorts: ["53/udp"] };
    const of = (stage: typeof firewall, kind: string): readonly string[] =>
      stage
        .requirements(args, facts, worker)
        .filter((r) => r.kind === kind)
        .map(({ key, value }) => `${key} ${value}`);
    const running = of(firewall, "firewall_running");
    expect(of(firewallConfirm, "firewall_permanent")).toEqual(running);
    expect(running.length).toBeGreaterThan(5);
    const names = firewall.requirements(args, facts, worker).map(requirementName);
    expect(new Set(names).size).toBe(names.length);
  });

  it("confirm whatever the firewall stage did", () => {
    expect(firewallConfirm.follows).toEqual([firewall.name]);
  });
});

describe("the rules of a node", () => {
  it("open every port that sshd listens on, in the zone that carries SSH, first of all", () => {
    const all = rules({ zone: "work" }, worker, { sshPorts: [2222, 22], sshZone: "dmz" });
    expect(all.slice(0, 2)).toEqual(["dmz/port/2222/tcp open", "dmz/port/22/tcp open"]);
    expect(all).toContain("work/port/10250/tcp open");
  });

  it("use the zone that carries SSH for zone auto", () => {
    expect(rules({ zone: "auto" }, worker, { sshZone: "dmz" })).toContain("dmz/port/10250/tcp open");
  });

  it.each([
    { node: controlPlane, ports: ["6443/tcp", "2379-2380/tcp", "10250/tcp", "10257/tcp", "10259/tcp"] },
    { node: worker, ports: ["10250/tcp", "30000-32767/tcp"] },
  ])("open what the role $node.role needs", ({ node, ports }) => {
    const opened = ["22/tcp", ...ports].map((port) => `public/port/${port} open`);
    expect(rules({ cni: "other" }, node)).toEqual([...opened, "trusted/source/10.200.0.0/16 present"]);
  });

  it.each(Object.keys(cniTraffic) as (keyof typeof cniTraffic)[])("open what %s needs", (cni) => {
    const more = rules({ cni }).filter((rule) => !rules({ cni: "other" }).includes(rule));
    const { ports, protocols, interfaces } = cniTraffic[cni];
    expect(more).toEqual([
      ...ports.map((port) => `public/port/${portsText(port)} open`),
      ...protocols.map((number) => `public/protocol/${number} present`),
      ...interfaces.map((name) => `public/interface/${name} present`),
    ]);
  });

  it("trust the pod networks of both families", () => {
    const podCidrs = ["10.200.0.0/16", "fd00:200::/56"];
    expect(rules({}, { ...worker, podCidrs }).filter((rule) => rule.includes("/source/"))).toEqual(
      podCidrs.map((cidr) => `trusted/source/${cidr} present`),
    );
  });

  it("open SSH to its sources before closing it to everybody", () => {
    const all = rules({ sshSources: ["10.0.0.0/8"] });
    expect(all[0]).toBe("public/port/22/tcp/from/10.0.0.0/8 present");
    expect(all.at(-1)).toBe("public/port/22/tcp closed");
    expect(all).not.toContain("public/port/22/tcp open");
  });

  it("limit the control plane's ports on control plane nodes alone", () => {
    const args = { controlPlaneSources: ["10.0.0.0/8"] };
    expect(rules(args, controlPlane)).toContain("public/port/6443/tcp closed");
    expect(rules(args, worker)).toEqual(rules({}, worker));
  });

  it("state overlapping ports as one range", () => {
    expect(rules({ extraPorts: ["32000-33000/tcp", "30500/tcp"] })).toContain(
      "public/port/30000-33000/tcp open",
    );
    expect(rules({ extraPorts: ["10250/tcp"] })).toEqual(rules({}));
  });

  it.each<[string, FirewallArgs, NodeContext, number, string]>([
    [
      "an extra port",
      { extraPorts: ["20-30/tcp"], sshSources: ["10.0.0.0/8"] },
      worker,
      22,
      "firewall.extraPorts opens 20-30/tcp",
    ],
    ["a node port", { sshSources: ["10.0.0.0/8"] }, worker, 30022, "the role worker opens 30000-32767/tcp"],
    [
      "SSH",
      { controlPlaneSources: ["10.0.0.0/8"] },
      controlPlane,
      6443,
      "firewall.sshSources opens 6443/tcp",
    ],
  ])("cannot open to everybody what is limited: %s", (_what, args, node, port, message) => {
    expect(() => rules(args, node, { sshPorts: [port] })).toThrow(message);
  });

  it("may open in one zone what is limited in another", () => {
    const args = { zone: "work", extraPorts: ["22/tcp"], sshSources: ["10.0.0.0/8"] };
    expect(rules(args)).toEqual(
      expect.arrayContaining(["work/port/22/tcp open", "public/port/22/tcp closed"]),
    );
  });

  it("cannot be known without a door", () => {
    expect(() => rules({}, worker, { sshPorts: [] })).toThrow("node node-1: no port was found");
  });
});

describe("ports", () => {
  it.each(["1/tcp", "30000-32767/udp", "65535/sctp"])("%s are read and written alike", (text) => {
    expect(portsText(parsePorts(text))).toBe(text);
  });

  it.each(["22", "0/tcp", "65536/tcp", "9-8/tcp", "22/icmp", "22/tcp "])("%j are refused", (text) => {
    expect(() => parsePorts(text)).toThrow(JSON.stringify(text));
  });

  it("are merged where they overlap, by protocol, in order", () => {
    const ports = ["5-6/tcp", "1/udp", "8-9/tcp", "1/tcp", "6-8/tcp", "2/tcp"].map(parsePorts);
    expect(merged(ports).map(portsText)).toEqual(["5-9/tcp", "1/udp", "1/tcp", "2/tcp"]);
  });
});
