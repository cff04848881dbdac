import { planNode } from "../../../components/plan-node";
import { sysctl } from "../../../plan/kinds";
import { context, facts } from "./fixtures";

const stage = (name: string, value: string) => ({ name, requirements: () => [sysctl("k.k", value)] });

test("a node's plan is its stages with their requirements, in order", () =>
  expect(planNode([stage("b", "1"), stage("a", "1")], facts, context)).toEqual([
    { name: "b", requirements: [sysctl("k.k", "1")] },
    { name: "a", requirements: [sysctl("k.k", "1")] },
  ]));

test("two values of one requirement have no plan", () =>
  expect(() => planNode([stage("b", "1"), stage("a", "0")], facts, context)).toThrow("two values"));
