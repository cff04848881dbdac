import { z } from "zod";
import { kubeconfigKeys } from "./credentials";
import { key, pattern } from "./key";

const tokenPattern = /^[a-z0-9]{6}\.[a-z0-9]{16}$/;

/** `kubeadm`: what kubeadm's configuration in the outputs depends on. */
export const kubeadm = key(
  z
    .strictObject({
      controlPlaneEndpoint: key(
        pattern(/^(\[[0-9A-Fa-f:]+\]|[A-Za-z0-9][A-Za-z0-9.-]{0,252})(:\d{1,5})?$/).optional(),
        {
          description: "Where nodes reach the API server: the address of a load balancer, with its port.",
          allowed: "a DNS name or IP address, with or without a port",
          example: "api.example.org:6443",
          fallback: "the host of the first control plane node, port 6443",
        },
      ),
      joinToken: key(pattern(tokenPattern).optional(), {
        description: "The token that nodes join with. Set it as a secret.",
        allowed: "a token like abcdef.0123456789abcdef, as `kubeadm token generate` prints it",
        secret: true,
        fallback: "none",
      }),
      generateJoinToken: key(z.boolean().default(false), {
        description: "Make a token and keep it in the state, encrypted. Needs Pulumi's provider random.",
        allowed: "true or false",
        example: "true",
      }),
      caCertHashes: key(
        z
          .array(
            key(pattern(/^sha256:[0-9a-f]{64}$/), {
              description: "A hash of a CA's public key.",
              allowed: "sha256: and 64 hexadecimal digits",
              example: "sha256:7d4f…",
            }),
          )
          .default([]),
        {
          description:
            "Hashes of the cluster's CA, by which joining nodes know the API server. They are known once `kubeadm init` has run, or before where you bring the CA; without them JoinConfiguration is not complete.",
          allowed: "a list of hashes",
          example: '["sha256:7d4f…"]',
        },
      ),
    })
    .prefault({}),
  {
    description: "What kubeadm's configuration in the stack's outputs depends on.",
    allowed: "a mapping",
    example: "{ controlPlaneEndpoint: api.example.org:6443 }",
  },
);

/** `kubeletApiAccess`. */
export const kubeletApiAccess = key(
  z
    .strictObject({
      ...kubeconfigKeys("somebody who may make cluster roles", "certs/admin.kubeconfig"),
      user: key(pattern(/^[^\s\p{C}]{1,253}$/u).default("kubernetes"), {
        description: "Whom the API server says it is to kubelets: the common name of its client certificate.",
        allowed: "a user's name",
        example: "kubernetes",
      }),
    })
    .optional(),
  {
    description:
      "Allow the API server to reach kubelets, for logs and exec, by a cluster role. kubeadm does this by itself. Needs Pulumi's provider kubernetes.",
    allowed: "a mapping with `kubeconfig` or `kubeconfigFile`",
    example: "{ kubeconfigFile: certs/admin.kubeconfig }",
    fallback: "nothing is done on the cluster",
  },
);
