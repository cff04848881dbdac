import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { Secret } from "../config/secret";

/** Arguments of the access of the API server to kubelets. */
export interface KubeletApiAccessArgs {
  /** Of somebody who may make cluster roles. */
  readonly kubeconfig: Secret;
  /** Whom the API server says it is: the common name of its client certificate. Default `kubernetes`. */
  readonly user?: string;
}

const roleName = "system:kube-apiserver-to-kubelet";

/** The cluster role: all that the API server asks kubelets for, for logs, exec and metrics. */
export const kubeletApiRole = {
  metadata: {
    name: roleName,
    annotations: { "rbac.authorization.kubernetes.io/autoupdate": "true" },
    labels: { "kubernetes.io/bootstrapping": "rbac-defaults" },
  },
  rules: [
    {
      apiGroups: [""],
      resources: ["nodes/proxy", "nodes/stats", "nodes/log", "nodes/spec", "nodes/metrics"],
      verbs: ["*"],
    },
  ],
};

/** Who has the role. */
export const kubeletApiBinding = (user = "kubernetes") => ({
  metadata: { name: "system:kube-apiserver" },
  roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: roleName },
  subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "User", name: user }],
});

/**
 * The API server may reach kubelets that ask it (authorization mode Webhook): without, `kubectl logs` and `exec` are
 * refused. kubeadm does this by itself. Needs Pulumi's provider kubernetes.
 *
 * @example
 * new KubeletApiAccess("dev", { kubeconfig: new Secret(kubeconfig) });
 */
export class KubeletApiAccess extends pulumi.ComponentResource {
  constructor(name: string, args: KubeletApiAccessArgs, opts?: pulumi.ComponentResourceOptions) {
    super("nodeprep:cluster:KubeletApiAccess", name, {}, opts);
    const provider = new kubernetes.Provider(
      `${name}-api`,
      { kubeconfig: pulumi.secret(args.kubeconfig.reveal()) },
      { parent: this },
    );
    const options = { parent: this, provider };
    const role = new kubernetes.rbac.v1.ClusterRole(`${name}-kubelet-api`, kubeletApiRole, options);
    const binding = kubeletApiBinding(args.user);
    new kubernetes.rbac.v1.ClusterRoleBinding(`${name}-kubelet-api`, binding, {
      ...options,
      dependsOn: role,
    });
    this.registerOutputs({});
  }
}
