import * as pulumi from "@pulumi/pulumi";

/** The part of an Output that its type does not show: the promise behind it. */
interface Promising<T> {
  promise(): Promise<T>;
}

const promiseOf = <T>(output: pulumi.Output<T>): Promise<T> => (output as unknown as Promising<T>).promise();

/** Whether the output's resource came to be, or still is as it was; false when it failed or the engine left it out. */
export const succeeded = (output: pulumi.Output<unknown>): Promise<boolean> =>
  promiseOf(output).then(
    () => true,
    () => false,
  );

/**
 * The output's value, or `fallback` when its resource failed. With `--continue-on-error` the program goes on
 * without what failed; without this, the stack's outputs would fail as a whole, with a stack trace.
 */
export function settled<T>(output: pulumi.Output<T>, fallback: T): pulumi.Output<pulumi.Unwrap<T>> {
  if (pulumi.runtime.isDryRun()) return output as pulumi.Output<pulumi.Unwrap<T>>;
  return pulumi.output(promiseOf(output).catch(() => fallback));
}
