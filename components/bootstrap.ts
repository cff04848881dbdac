import * as pulumi from "@pulumi/pulumi";
import type { ClusterSpec } from "../config/types";

/**
 * What belongs to the cluster rather than to its nodes. Only what is configured is loaded at all: its providers are
 * not needed otherwise, and the one for Kubernetes takes seconds to load.
 */
export async function bootstrapParts(
  spec: ClusterSpec,
): Promise<{ readonly joinToken: pulumi.Output<string> | undefined }> {
  if (spec.kubeletApiAccess !== undefined) {
    const { KubeletApiAccess } = await import("./kubelet-api-access");
    new KubeletApiAccess(spec.name, spec.kubeletApiAccess);
  }
  return { joinToken: await joinToken(spec) };
}

async function joinToken({ name, kubeadm }: ClusterSpec): Promise<pulumi.Output<string> | undefined> {
  if (kubeadm.joinToken !== undefined) return pulumi.secret(kubeadm.joinToken.reveal());
  if (!kubeadm.generateJoinToken) return undefined;
  const { JoinToken } = await import("./join-token");
  return new JoinToken(name).token;
}
