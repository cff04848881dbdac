import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { outputsSchema, type StackNodeOutputs, type StackOutputs } from "./outputs-schema";

/** Some of the values are secrets. */
type WithSecrets<T, K extends keyof T> = Omit<T, K> & { readonly [N in K]?: pulumi.Output<string> };

/** A node that a stack of nodeprep has prepared: its outputs, secrets as secrets. */
export type PreparedStackNode = WithSecrets<StackNodeOutputs, "initConfiguration" | "joinConfiguration">;

/** What a stack of nodeprep exports, for the program that comes after it. */
export interface PreparedStack {
  readonly cluster: WithSecrets<StackOutputs["cluster"], "joinToken">;
  /** By the node's name, in the order of their names. */
  readonly nodes: Readonly<Record<string, PreparedStackNode>>;
}

/**
 * Reads the outputs of a stack of nodeprep, checked and typed. What is no secret is there as plain values, so that a
 * program can have a resource for each node.
 *
 * @param name `organization/project/stack`; with a backend of one's own the organization is `organization`
 * @throws RunError where the stack has no such outputs, or not those of this version
 *
 * @example
 * const { cluster, nodes } = await preparedStack("organization/nodeprep/prod");
 */
export async function preparedStack(name: string): Promise<PreparedStack> {
  const reference = new pulumi.StackReference(name);
  const {
    cluster: { joinToken, ...cluster },
    nodes,
  } = checked(name, {
    cluster: await plain(reference, "cluster"),
    nodes: await plain(reference, "nodes"),
  });
  return {
    cluster: { ...cluster, ...secrets({ joinToken }) },
    nodes: Object.fromEntries(
      Object.entries(nodes)
        .sort(byName)
        .map(([node, outputs]) => [node, nodeWithSecrets(outputs)]),
    ),
  };
}

/** One secret in an output makes the SDK take the whole output for one. */
async function plain(reference: pulumi.StackReference, output: string): Promise<unknown> {
  const details = await reference.getOutputDetails(output);
  return (details.value ?? details.secretValue) as unknown;
}

function checked(name: string, outputs: object): StackOutputs {
  const { data, error } = outputsSchema.safeParse(outputs);
  if (data !== undefined) return data;
  throw new pulumi.RunError(
    `the stack ${name} does not export what nodeprep does; run pulumi up there first, with the same version of nodeprep:\n${z.prettifyError(error)}`,
  );
}

const nodeWithSecrets = ({
  initConfiguration,
  joinConfiguration,
  ...node
}: StackNodeOutputs): PreparedStackNode => ({
  ...node,
  ...secrets({ initConfiguration, joinConfiguration }),
});

/** Those that are there, as secrets. */
const secrets = <K extends string>(
  values: Readonly<Record<K, string | undefined>>,
): { readonly [N in K]?: pulumi.Output<string> } =>
  Object.fromEntries(
    Object.entries<string | undefined>(values).flatMap(([key, value]) =>
      value === undefined ? [] : [[key, pulumi.secret(value)]],
    ),
  ) as { readonly [N in K]?: pulumi.Output<string> };

const byName = ([one]: readonly [string, unknown], [other]: readonly [string, unknown]): number =>
  one < other ? -1 : 1;
