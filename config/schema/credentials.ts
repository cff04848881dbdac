import { z } from "zod";
import { filePath, key, pattern } from "./key";

/** `{node}` in the name of a file of the operator's machine stands for the node's name. */
export const nodePlaceholder = "{node}";

const fileName = (what: string, example: string) =>
  key(pattern(filePath).optional(), {
    description: `File of the operator's machine that holds ${what}; \`${nodePlaceholder}\` stands for the node's name.`,
    allowed: "a file's path",
    example,
    fallback: "none",
  });

const content = (what: string) =>
  key(z.string().min(1).optional(), {
    description: `${what}, as text. Set it as a secret.`,
    allowed: "text",
    secret: true,
    fallback: "none",
  });

/** The two ways to give the CA. */
export const caKeys = {
  ca: key(z.string().min(1).optional(), {
    description: "The CA that signs clients of the kubelet, as text in PEM.",
    allowed: "one or more certificates in PEM",
    fallback: "none",
  }),
  caFile: fileName("the CA that signs clients of the kubelet, in PEM", "certs/ca.crt"),
};

/** The two ways to give a serving certificate, and its key. */
export const certificateKeys = {
  certificate: key(z.string().min(1).optional(), {
    description: "The kubelet's serving certificate, as text in PEM.",
    allowed: "a certificate in PEM",
    fallback: "none",
  }),
  certificateFile: fileName("the kubelet's serving certificate, in PEM", '"certs/{node}.crt"'),
  privateKey: content("The private key of that certificate, in PEM"),
  privateKeyFile: fileName("the private key of that certificate, in PEM", '"certs/{node}.key"'),
};

/** The two ways to give a kubeconfig. */
export const kubeconfigKeys = (whose: string, example: string) => ({
  kubeconfig: content(`The kubeconfig of ${whose}`),
  kubeconfigFile: fileName(`the kubeconfig of ${whose}`, example),
});

/** `nodes.<name>.kubelet`: what is the node's own. */
export const nodeKubelet = key(
  z
    .strictObject({ ...certificateKeys, ...kubeconfigKeys("the node's kubelet", "certs/node-1.kubeconfig") })
    .optional(),
  {
    description: "The node's own credentials, where they do not follow from `kubelet`.",
    allowed: "a mapping",
    example: "{ certificateFile: certs/node-1.crt }",
    fallback: "those of `kubelet`",
  },
);
