import * as pulumi from "@pulumi/pulumi";
import type { ClusterSpec } from "../config/types";

/*
 * Only what is configured is loaded at all: its providers are not needed otherwise, and the one for Kubernetes takes
 * seconds to load. By require(): tsx/cjs leaves import() to Node.js, which finds no file of TypeScript.
 */
/* eslint-disable @typescript-eslint/no-require-imports */
const loadJoinToken = () => require("./join-token") as typeof import("./join-token");
const loadKubeletApiAccess = () => require("./kubelet-api-access") as typeof import("./kubelet-api-access");
/* eslint-enable @typescript-eslint/no-require-imports */

/** What belongs to the cluster rather than to its nodes. */
export function bootstrapParts(spec: ClusterSpec): {
  readonly joinToken: pulumi.Output<string> | undefined;
} {
  if (spec.kubeletApiAccess !== undefined) {
    const { KubeletApiAccess } = loadKubeletApiAccess();
    new KubeletApiAccess("api-server", spec.kubeletApiAccess, formerly(spec));
  }
  return { joinToken: joinToken(spec) };
}

function joinToken(spec: ClusterSpec): pulumi.Output<string> | undefined {
  const { joinToken: given, generateJoinToken } = spec.kubeadm;
  if (given !== undefined) return pulumi.secret(given.reveal());
  if (!generateJoinToken) return undefined;
  const { JoinToken } = loadJoinToken();
  return new JoinToken("join-token", formerly(spec)).token;
}

/**
 * A stack has each of these once, whatever its cluster is called. Under the cluster's name, as earlier versions had them,
 * a cluster with a new name would get a token that it does not know, and lose the cluster role: the engine deletes the
 * old one last, and in Kubernetes both have one name.
 */
const formerly = ({ name }: ClusterSpec): pulumi.ComponentResourceOptions => ({ aliases: [{ name }] });
