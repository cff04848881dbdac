import { SurveyError } from "../../../survey/errors";
import { remediesOnce } from "../../../survey/said-once";
import type { NodeSurvey } from "../../../survey/types";

const unreached = (node: string, message: string, remedy: string): NodeSurvey => ({
  node,
  reachable: false,
  error: new SurveyError(node, "refused", message, remedy),
});

test("a remedy is said for the first node that needs it, and the others name that one", () => {
  const surveys = remediesOnce([
    unreached("a", "bastion 192.0.2.1:22 refuses connections", "Start sshd there."),
    unreached("b", "bastion 192.0.2.1:22 refuses connections", "Start sshd there."),
    unreached("c", "192.0.2.3:22 did not answer within 15 s", "Is the machine running?"),
    unreached("d", "192.0.2.4:22 refuses connections", "Start sshd there."),
  ]);
  expect(
    surveys.map((one) => (one.reachable ? [] : [one.error.node, one.error.message, one.error.remedy])),
  ).toEqual([
    ["a", "bastion 192.0.2.1:22 refuses connections", "Start sshd there."],
    ["b", "bastion 192.0.2.1:22 refuses connections", "What to do: see a."],
    ["c", "192.0.2.3:22 did not answer within 15 s", "Is the machine running?"],
    ["d", "192.0.2.4:22 refuses connections", "What to do: see a."],
  ]);
});
