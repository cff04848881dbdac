import * as pulumi from "@pulumi/pulumi";
import { Swap } from "../../../components/swap";
import { surveyNodes } from "../../../components/survey-cluster";
import { Toolkit } from "../../../components/toolkit";
import { WorkerNode } from "../../../components/worker-node";
import type { ConnectionSpec } from "../../../config/types";
import { context } from "./fixtures";

/* A preview with mocks has no resource whose outputs are unknown: this is what the SDK makes of one. */
const unknown = <T>(): pulumi.Output<T> => {
  const Output = pulumi.Output as unknown as new (...parts: unknown[]) => pulumi.Output<T>;
  const not = Promise.resolve(false);
  return new Output(new Set(), Promise.resolve(undefined), not, not, Promise.resolve(new Set()));
};
const isKnown = (value: unknown): Promise<boolean> =>
  (pulumi.output(value) as unknown as { readonly isKnown: Promise<boolean> }).isKnown;

describe("in a preview, a node whose machine is yet to be made", () => {
  beforeAll(() =>
    pulumi.runtime.setMocks(
      {
        newResource: ({ name, inputs }) => ({ id: name, state: inputs as object }),
        call: ({ inputs }) => inputs as Record<string, unknown>,
      },
      ...(["nodeprep", "test", true, "org"] as const),
    ),
  );

  const stages = [Toolkit.stage({}), Swap.stage({})];
  const awaited = () => surveyNodes([{ context, connection: unknown<ConnectionSpec>(), stages }]);

  it("is not dialled, and has all its stages", async () => {
    const [node] = await awaited();
    expect(node).toMatchObject({ awaited: true, owner: "org/nodeprep/test/node-0", stages });
    expect(node).not.toHaveProperty("survey");
  });

  it("is declared with Commands of which nothing is known, that nothing keeps from being created or updated", async () => {
    const [node] = await awaited();
    const commands = new Map<
      string,
      { readonly props: unknown; readonly opts: pulumi.CustomResourceOptions }
    >();
    const note: pulumi.ResourceTransformation = ({ type, name, props, opts }) => {
      if (type === "command:remote:Command") commands.set(name, { props, opts });
      return undefined;
    };
    new WorkerNode("node-0", { node: node! }, { transformations: [note] });
    expect([...commands.keys()]).toEqual(["node-0-toolkit", "node-0-swap"]);
    for (const { props, opts } of commands.values()) {
      expect(opts.ignoreChanges).toBeUndefined();
      for (const name of ["connection", "create", "update", "delete", "stdin"])
        expect(await isKnown((props as Readonly<Record<string, unknown>>)[name])).toBe(false);
    }
  });
});
