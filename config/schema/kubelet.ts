import { z } from "zod";
import { cgroupDrivers } from "../runtime-spec";
import { absolutePath, absolutePathAllowed } from "./cni";
import { caKeys, certificateKeys, kubeconfigKeys } from "./credentials";
import { key, pattern, text } from "./key";
import { parseAddress } from "../cidr";
import { port, portAllowed } from "./network";

const truth = (value: boolean, description: string) =>
  key(z.boolean().default(value), { description, allowed: "true or false", example: String(value) });

const path = (value: string, description: string) =>
  key(absolutePath.default(value), { description, allowed: absolutePathAllowed, example: value });

const section = <T extends z.ZodRawShape>(shape: T, description: string, example: string) =>
  key(z.strictObject(shape).prefault({} as never), { description, allowed: "a mapping", example });

const authentication = section(
  {
    anonymous: section(
      { enabled: truth(false, "Whether requests without credentials are let in.") },
      "Requests without credentials.",
      "{ enabled: false }",
    ),
    webhook: section(
      { enabled: truth(true, "Whether the API server is asked who a token belongs to.") },
      "Tokens.",
      "{ enabled: true }",
    ),
    x509: section(
      {
        clientCAFile: path(
          "/var/lib/kubelet/ca.crt",
          "Where `kubelet.ca` is written: who it signed may connect.",
        ),
      },
      "Client certificates.",
      "{ clientCAFile: /var/lib/kubelet/ca.crt }",
    ),
  },
  "Who may connect to the kubelet.",
  "{ anonymous: { enabled: false } }",
);

const unixSocket = pattern(/^unix:\/\/(\/[A-Za-z0-9_.@%+=:,-]+)+$/);

/** `kubelet.config`: the settings of KubeletConfiguration that nodeprep has a default for. */
const settings = section(
  {
    address: key(text((value) => (parseAddress(value) === undefined ? {} : undefined)).default("0.0.0.0"), {
      description: "Address that the kubelet serves on.",
      allowed: "an IP address",
      example: "0.0.0.0",
    }),
    authentication,
    authorization: section(
      {
        mode: key(z.enum(["Webhook", "AlwaysAllow"]).default("Webhook"), {
          description: "`Webhook`: the API server is asked what a client may do.",
          allowed: "Webhook or AlwaysAllow",
          example: "Webhook",
        }),
      },
      "What clients of the kubelet may do.",
      "{ mode: Webhook }",
    ),
    cgroupDriver: key(z.enum(cgroupDrivers).optional(), {
      description: "Must be that of the runtime.",
      allowed: "systemd or cgroupfs",
      example: "systemd",
      fallback: "`runtime.cgroupDriver`",
    }),
    containerRuntimeEndpoint: key(unixSocket.optional(), {
      description: "Must be the socket of the runtime.",
      allowed: "unix:// and the absolute path of a socket",
      example: "unix:///run/containerd/containerd.sock",
      fallback: "the runtime's socket",
    }),
    enableServer: truth(true, "Whether the kubelet serves at all: logs, exec and metrics need it."),
    failSwapOn: truth(false, "Whether the kubelet refuses to start while swap is on."),
    maxPods: key(z.number().int().min(1).max(10000).default(16), {
      description: "Maximum number of pods on the node. Kubernetes' own default is 110.",
      allowed: "a whole number from 1 to 10000",
      example: "16",
    }),
    memorySwap: section(
      {
        swapBehavior: key(z.enum(["NoSwap", "LimitedSwap"]).default("NoSwap"), {
          description: "Whether containers may use swap.",
          allowed: "NoSwap or LimitedSwap",
          example: "NoSwap",
        }),
      },
      "Swap for containers.",
      "{ swapBehavior: NoSwap }",
    ),
    port: key(port.default(10250), {
      description: "Port that the kubelet serves on. The firewall opens 10250.",
      allowed: portAllowed,
      example: "10250",
    }),
    resolvConf: key(absolutePath.optional(), {
      description: "The file that pods get their name servers from.",
      allowed: absolutePathAllowed,
      example: "/etc/resolv.conf",
      fallback:
        "`/etc/resolv.conf`; where that names a name server on the node itself, which pods cannot reach, the one that systemd-resolved keeps, `/run/systemd/resolve/resolv.conf`",
    }),
    registerNode: truth(true, "Whether the kubelet registers its node with the API server."),
    runtimeRequestTimeout: key(pattern(/^(\d+(\.\d+)?(ms|s|m|h))+$/).default("15m"), {
      description: "How long a request to the runtime may take.",
      allowed: "a duration like 15m or 1h30m",
      example: "15m",
    }),
    tlsCertFile: path("/var/lib/kubelet/kubelet.crt", "Where the serving certificate is written."),
    tlsPrivateKeyFile: path("/var/lib/kubelet/kubelet.key", "Where its private key is written."),
  },
  "The kubelet's settings, by their names in KubeletConfiguration. Others go into `kubelet.extra`.",
  "{ maxPods: 110 }",
);

/** Further settings of a component, as they are; the typed ones have their own keys. */
export const extra = (component: string, example: string) =>
  key(
    z
      .record(
        key(pattern(/^[A-Za-z][A-Za-z0-9]{0,99}$/), {
          description: "A setting.",
          allowed: "the name of a setting",
        }),
        key(z.unknown(), { description: "Its value.", allowed: "any YAML" }),
      )
      .default({}),
    {
      description: `Settings of ${component} besides those that have keys of their own, as they are.`,
      allowed: `a mapping of settings of ${component}`,
      example,
      keyName: "setting",
    },
  );

/** A component's `--v`. */
export const logLevel = key(z.number().int().min(0).max(10).default(2), {
  description: "How much it logs: its `--v`.",
  allowed: "a whole number from 0 to 10",
  example: "2",
});

/** `kubelet`. */
export const kubelet = key(
  z
    .strictObject({
      ...caKeys,
      ...certificateKeys,
      ...kubeconfigKeys("the kubelets", '"certs/{node}.kubeconfig"'),
      config: settings,
      extra: extra("KubeletConfiguration", "{ serializeImagePulls: false }"),
      logLevel,
    })
    .optional(),
  {
    description:
      "A kubelet on every worker as a systemd unit of its own, with certificates that you bring: Kubernetes the hard way. Leave it out where kubeadm is to configure the kubelets.",
    allowed: "a mapping",
    example: '{ caFile: ca.crt, certificateFile: "{node}.crt", … }',
    fallback: "no kubelet is configured",
  },
);
