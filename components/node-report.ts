import * as pulumi from "@pulumi/pulumi";
import type { ReachedNode } from "../survey/types";
import { knownOr } from "./settled";
import type { StageResource, SurveyedNode } from "./surveyed-node";

/** What a node says of itself, by the name in a stage's report. */
const values = {
  os: { stage: "toolkit", seen: ({ facts }) => facts.osName },
  kernel: { stage: "toolkit", seen: ({ facts }) => facts.kernel },
  "runtime.version": {
    stage: "container-runtime",
    seen: (survey) => (getsNewPrograms(survey) ? undefined : survey.runtimeVersion),
  },
  "runtime.criSocket": {
    stage: "container-runtime",
    seen: (survey) => (getsNewPrograms(survey) ? undefined : plannedSocket(survey)),
  },
} as const satisfies Readonly<
  Record<
    string,
    {
      /** The stage that reports it. */
      readonly stage: string;
      /** What the survey saw of it; `undefined` where the update may change it. */
      readonly seen: (survey: ReachedNode) => string | undefined;
    }
  >
>;

/** Whether an update would install anything of the container runtime. */
const getsNewPrograms = ({ differences }: ReachedNode): boolean =>
  differences.some(
    ({ stage, name, unrecorded }) =>
      stage === "container-runtime" && /^(package|download):/.test(name) && !unrecorded,
  );

/** Where a unit of the container runtime must listen, as its own file said; absent where config says it. */
function plannedSocket({ stages }: ReachedNode): string | undefined {
  const values = stages.flatMap(({ requirements }) => requirements.map(({ value }) => value));
  const path = values.map((value) => / listens=(\S+)/.exec(value)?.[1]).find((found) => found !== undefined);
  return path === undefined ? undefined : `unix://${path}`;
}

/** The name of a value that a node says of itself. */
export type ReportedName = keyof typeof values;

/**
 * A value as its stage reported it at its last apply. Where the stage gives no answer, in the preview of an update or
 * after a failure, as the survey saw it: a preview of something else does not show it as a change, and what is known
 * stays known. Absent where neither knows.
 */
export function reportedBy(
  stages: ReadonlyMap<string, StageResource>,
  { survey }: SurveyedNode,
  name: ReportedName,
): pulumi.Output<string | undefined> {
  const { stage, seen } = values[name];
  const report = stages.get(stage)?.report ?? pulumi.output<Record<string, string>>({});
  return knownOr(
    report.apply((said) => said[name]),
    survey?.reachable ? seen(survey) : undefined,
  );
}
