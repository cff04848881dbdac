import { z } from "zod";
import { kubeconfigKeys } from "./credentials";
import { key, text } from "./key";
import { extra, logLevel } from "./kubelet";
import { cidrPair, cidrPairAllowed } from "./network";

const modes = ["iptables", "ipvs", "nftables"];

const mode = text((value) => {
  if (modes.includes(value)) return undefined;
  return value === "kernelspace"
    ? { allowed: "is for Windows nodes only", remedy: "use iptables, ipvs or nftables" }
    : {};
});

/** `kubeProxy`. */
export const kubeProxy = key(
  z
    .strictObject({
      ...kubeconfigKeys("kube-proxy", "certs/kube-proxy.kubeconfig"),
      mode: key(mode.default("iptables"), {
        description: "How traffic to services is led to pods.",
        allowed: "iptables, ipvs or nftables",
        example: "iptables",
      }),
      clusterCIDR: key(cidrPair.optional(), {
        description: "The network of the pods; must be `podCidr`, which the controller manager gets too.",
        allowed: cidrPairAllowed,
        example: "10.200.0.0/16",
        fallback: "`podCidr`",
      }),
      extra: extra("KubeProxyConfiguration", "{ metricsBindAddress: 0.0.0.0 }"),
      logLevel,
    })
    .optional(),
  {
    description:
      "kube-proxy on every worker as a systemd unit. Leave it out where the cluster runs it as pods.",
    allowed: "a mapping with `kubeconfig` or `kubeconfigFile`",
    example: "{ kubeconfigFile: kube-proxy.kubeconfig }",
    fallback: "no kube-proxy is configured",
  },
);
