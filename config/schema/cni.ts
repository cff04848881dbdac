import { z } from "zod";
import { usualUrls } from "../usual-urls";
import { key, pattern } from "./key";
import { release } from "./kubernetes";

/** An absolute path without `.`, `..`, spaces or control characters. */
export const absolutePath = pattern(/^(\/[A-Za-z0-9_@%+=:,-][A-Za-z0-9_.@%+=:,-]*)+$/);
export const absolutePathAllowed =
  "an absolute path of letters, digits and _ . @ % + = : , - without .. in it";

/** CNI plugins whose ports the firewall knows; `none` and `other` open none. */
export const cniTypes = ["bridge", "calico", "cilium", "flannel", "none", "other"] as const;

/** `cni`: which plugin the cluster uses, and what of it the nodes get. */
export const cni = key(
  z
    .strictObject({
      type: key(z.enum(cniTypes).default("bridge"), {
        description:
          "The CNI plugin in use. The firewall opens its ports; `bridge` needs none, `none` and `other` open none: list them in `firewall.extraPorts`. Where `plugins` are installed, `bridge` is also configured, with the node's `podSubnet`; the others bring their own configuration when they are deployed on the cluster.",
        allowed: "bridge, calico, cilium, flannel, none or other",
        example: "bridge",
      }),
      plugins: key(z.enum(["distribution", "release", "provided", "none"]).optional(), {
        description:
          "Where the CNI project's plugins in `binDir` come from. `distribution`: the distribution's package, each plugin linked. `release`: the archive that `release` names. `provided`: they are there already, by an image, another tool or `kubernetes.source: packages`. `none`: neither plugins nor configuration are nodeprep's business.",
        allowed: "distribution, release, provided or none",
        example: "distribution",
        fallback: "`release` where that is configured, else `distribution` where `kubelet` is, else `none`",
      }),
      release: release("The CNI project's plugins", usualUrls.cniPlugins, "1.8.0"),
      binDir: key(absolutePath.default("/opt/cni/bin"), {
        description: "The folder of the plugins; the runtime must look there.",
        allowed: absolutePathAllowed,
        example: "/opt/cni/bin",
      }),
      confDir: key(absolutePath.default("/etc/cni/net.d"), {
        description: "The folder of the plugins' configuration; the runtime must look there.",
        allowed: absolutePathAllowed,
        example: "/etc/cni/net.d",
      }),
    })
    .prefault({}),
  { description: "The cluster's network plugin.", allowed: "a mapping", example: "{ type: bridge }" },
);
