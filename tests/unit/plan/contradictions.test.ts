import { refuseContradictions } from "../../../plan/contradictions";
import { file, sysctl } from "../../../plan/kinds";
import { stagesOf } from "../../../components/stages";
import * as pki from "../config/certificates";
import { cluster, type Mapping } from "../config/fixtures";
import { parseCluster } from "../../../config/load";
import type { Stage } from "../../../plan/requirement";
import { context, facts } from "../components/fixtures";
import { configurations, from } from "../components/whole-configurations";
import { workerSpec } from "../components/worker-fixtures";

const stage = (name: string, ...requirements: ReturnType<typeof sysctl>[]) => ({ name, requirements });
const plan = (changes: Mapping) => {
  const spec = workerSpec({ kubeProxy: { kubeconfigFile: "/kube-proxy.kubeconfig" }, ...changes });
  return stagesOf(spec, spec.nodes[0]!).map(({ name, requirements }) => ({
    name,
    requirements: requirements(facts, context),
  }));
};

test("two stages may state the same requirement", () =>
  expect(() =>
    refuseContradictions([stage("a", sysctl("k.k", "1")), stage("b", sysctl("k.k", "1"))]),
  ).not.toThrow());

test("two values of one are refused, with both stages and what to do", () => {
  expect(() =>
    refuseContradictions([stage("a", sysctl("k.k", "1")), stage("b", sysctl("k.k", "0"))]),
  ).toThrow(
    'sysctl:k.k would have two values on this node, "= 1" of stage a and "= 0" of stage b: change the setting',
  );
  expect(() => refuseContradictions([stage("a", file("/f", "1\n"), file("/f", "2\n"))])).toThrow(
    /^file:\/f would have two values on this node, .* with a content of its own of stage a and/,
  );
});

test.each<[string, Mapping]>([
  ["file:/etc/sysctl.d/kube-proxy.conf", { kernel: { sysctlFile: "kube-proxy.conf" } }],
  [
    "file:/etc/modules-load.d/kube-proxy.conf",
    {
      kernel: { modulesFile: "kube-proxy.conf" },
      kubeProxy: { kubeconfigFile: "/kube-proxy.kubeconfig", mode: "ipvs" },
    },
  ],
  [
    "file:/var/lib/kubelet/one.pem",
    {
      kubelet: {
        ...pki.kubelet,
        config: { tlsCertFile: "/var/lib/kubelet/one.pem", tlsPrivateKeyFile: "/var/lib/kubelet/one.pem" },
      },
    },
  ],
])("%s, said twice, is refused", (name, changes) =>
  expect(() => refuseContradictions(plan(changes))).toThrow(`${name} would have two values`),
);

const valid = Object.keys(configurations).filter((name) => parseCluster(configurations[name], from).ok);

test.each(valid)("no two stages of the whole configuration %s contradict each other", (name) => {
  const spec = cluster(configurations[name], from);
  for (const system of [facts, { ...facts, osId: "rocky", osVersion: "9.4", packageManager: "dnf" as const }])
    for (const node of spec.nodes) {
      const stages = stagesOf(spec, node).map((one) => ({ name: one.name, plan: one.requirements }));
      const planned = stages.flatMap((one) => tried(one.name, () => one.plan(system, context)));
      expect(planned.length).toBeGreaterThan(stages.length / 2);
      expect(() => refuseContradictions(planned)).not.toThrow();
    }
});

/** Not every configuration can be had on every system. */
function tried(name: string, requirements: () => Stage["requirements"]): readonly Stage[] {
  try {
    return [{ name, requirements: requirements() }];
  } catch {
    return [];
  }
}
