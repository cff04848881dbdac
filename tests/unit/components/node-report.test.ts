import * as pulumi from "@pulumi/pulumi";
import { reportedBy, type ReportedName } from "../../../components/node-report";
import { service } from "../../../plan/kinds";
import type { StageResource } from "../../../components/surveyed-node";
import type { Difference, NodeSurvey } from "../../../survey/types";
import { differs, reached, surveyed, unreached } from "./fixtures";
import { mockEngine, valueOf } from "./engine";

beforeAll(mockEngine);

type Report = Readonly<Record<string, string>>;

const stages = (toolkit: pulumi.Input<Report>, runtime: pulumi.Input<Report> = {}) =>
  new Map(
    Object.entries({ toolkit, "container-runtime": runtime }).map(([name, report]) => [
      name,
      { report: pulumi.output(report) } as unknown as StageResource,
    ]),
  );
const listening = service("cri-docker-mirantis.socket", { listens: "/run/mcr/cri.sock" });
const seen = (...differences: readonly Difference[]): NodeSurvey => ({
  ...(reached([], differences) as NodeSurvey & { reachable: true }),
  stages: [{ name: "container-runtime", requirements: [listening] }],
  runtimeVersion: "1.7.24",
});
const valueIn = (reports: ReturnType<typeof stages>, name: ReportedName, survey: NodeSurvey = seen()) =>
  valueOf(reportedBy(reports, surveyed([], { survey }), name));

it("is what the stage said, whatever the survey saw", async () => {
  const reports = stages({ kernel: "6.12.1" }, { "runtime.version": "2.2.0" });
  expect(await valueIn(reports, "kernel")).toBe("6.12.1");
  expect(await valueIn(reports, "runtime.version")).toBe("2.2.0");
  expect(await valueIn(reports, "kernel", unreached)).toBe("6.12.1");
});

describe.each([
  ["after a failure", stages({})],
  ["in the preview of an update", stages(unknown(), unknown())],
])("%s", (_, reports) => {
  it("is what the survey saw", async () => {
    expect(await valueIn(reports, "kernel")).toBe("6.1.0-40-cloud-amd64");
    expect(await valueIn(reports, "os")).toBe("Debian GNU/Linux 12 (bookworm)");
    const running = differs("container-runtime", "service:containerd");
    expect(await valueIn(reports, "runtime.version", seen(running))).toBe("1.7.24");
    expect(await valueIn(reports, "runtime.criSocket", seen(running))).toBe("unix:///run/mcr/cri.sock");
  });

  it.each(["package:containerd", "download:/usr/local/bin/containerd"])(
    "is not what a runtime says that %s may replace",
    async (name) => {
      const node = surveyed([], { survey: seen(differs("container-runtime", name)) });
      for (const value of ["runtime.version", "runtime.criSocket"] as const)
        expect(await known(reportedBy(reports, node, value))).toBeUndefined();
    },
  );

  it("is unknown where neither knows", async () => {
    expect(await known(reportedBy(reports, surveyed([], { survey: unreached }), "os"))).toBeUndefined();
  });
});

/** As an engine's preview has what an update will report. */
function unknown(): pulumi.Output<Report> {
  return pulumi.output(pulumi.unknown) as unknown as pulumi.Output<Report>;
}

/** The value where there is one. */
async function known(output: pulumi.Output<string | undefined>): Promise<string | undefined> {
  const inside = output as unknown as { readonly isKnown: Promise<boolean> };
  return (await inside.isKnown) ? valueOf(output) : undefined;
}
