import * as pulumi from "@pulumi/pulumi";

/** A resource as the engine would be asked for it. */
export interface Declared {
  readonly type: string;
  readonly name: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly opts: pulumi.CustomResourceOptions;
}

/** Warnings of the program. */
const heard: string[] = [];

/** What a stage's apply prints, for the outputs. */
const report = "os=Debian GNU/Linux 12 (bookworm)\nkernel=6.1.0\nsaid=\u001b[2J<{%no color%}>\n";

/** Puts a pretended engine in the place of Pulumi's. */
export async function mockEngine(): Promise<void> {
  await pulumi.runtime.setMocks(
    {
      newResource: ({ name, inputs }) => ({
        id: `${name}-id`,
        state: { ...(inputs as object), stdout: report },
      }),
      call: ({ inputs }) => inputs as Record<string, unknown>,
    },
    "nodeprep",
    "test",
    false,
    "org",
  );
  jest.spyOn(pulumi.log, "warn").mockImplementation((text) => {
    heard.push(text);
    return Promise.resolve();
  });
  jest.spyOn(pulumi.log, "info").mockResolvedValue(undefined);
}

/** Lets `program` declare a node with its stages, and answers all of it in order, once the engine has it. */
export async function declaredBy(
  program: (opts: pulumi.ComponentResourceOptions) => { readonly report: pulumi.Output<unknown> },
): Promise<readonly Declared[]> {
  const declared: Declared[] = [];
  const note: pulumi.ResourceTransformation = ({ type, name, props, opts }) => {
    const given = Object.entries(props as object).filter(([, value]) => value !== undefined);
    declared.push({ type, name, inputs: Object.fromEntries(given), opts });
    return undefined;
  };
  await valueOf(program({ transformations: [note] }).report);
  return declared;
}

/** The warnings since the last time. */
export const warnings = (): readonly string[] => heard.splice(0);

/** An output's value. */
export const valueOf = <T>(output: pulumi.Input<T>): Promise<pulumi.Unwrap<T>> =>
  new Promise((resolve) => {
    pulumi.output(output).apply((value) => {
      resolve(value);
    });
  });
