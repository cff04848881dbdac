import * as pulumi from "@pulumi/pulumi";

/** The part of an Output that its type does not show: the promise behind it, and whether that is the value. */
interface Promising<T> {
  promise(): Promise<T>;
  readonly isKnown: Promise<boolean>;
}

const behind = <T>(output: pulumi.Output<T>): Promising<T> => output as unknown as Promising<T>;

/**
 * Whether the output's resource came to be, or still is as it was; false when it failed or the engine left it out. What
 * is new and no target of an update (`--target`, `--exclude`) has outputs without a value.
 */
export const succeeded = (output: pulumi.Output<unknown>): Promise<boolean> =>
  behind(output)
    .promise()
    .then(
      (value) => value !== undefined || pulumi.runtime.isDryRun(),
      () => false,
    );

/**
 * The output's value, or `fallback` when its resource failed or was left out. With `--continue-on-error` the program
 * goes on without what failed; without this, the stack's outputs would fail as a whole, with a stack trace.
 */
export function settled<T>(output: pulumi.Output<T>, fallback: T): pulumi.Output<pulumi.Unwrap<T>> {
  if (pulumi.runtime.isDryRun()) return output as pulumi.Output<pulumi.Unwrap<T>>;
  return pulumi.output(
    behind(output)
      .promise()
      .then(
        (value: T | undefined) => value ?? fallback,
        () => fallback,
      ),
  );
}

/**
 * The output's value, once it is known; undefined where a preview does not know it yet, or where its resource failed.
 *
 * Not by way of `pulumi.output`, which makes plain objects of whatever is in there, a `Secret` too.
 */
export async function knownValue<T>(output: pulumi.Output<T>): Promise<T | undefined> {
  try {
    return (await behind(output).isKnown) ? await behind(output).promise() : undefined;
  } catch {
    return undefined;
  }
}

/** The output, or `fallback` where a preview does not know it yet or there is nothing in it. */
export function knownOr<T>(
  output: pulumi.Output<T | undefined>,
  fallback: T | undefined,
): pulumi.Output<T | undefined> {
  if (fallback === undefined) return output;
  return pulumi.output(
    behind(output).isKnown.then((is) => (is ? output.apply((value) => value ?? fallback) : fallback)),
  ) as pulumi.Output<T | undefined>;
}
