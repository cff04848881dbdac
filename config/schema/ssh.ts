import { z } from "zod";
import { parsePublicKey } from "../keys";
import { docOf, key, text } from "./key";
import { host, hostAllowed, port, portAllowed } from "./network";

export const hostKey = key(
  text((value) => {
    const parsed = parsePublicKey(value);
    if (parsed?.type.startsWith("sk-"))
      return { allowed: "is a person's key (of a security key), must be the machine's host key" };
    if (parsed !== undefined) return undefined;
    if (/^(SHA256|MD5):/.test(value))
      return { allowed: "is a fingerprint, must be the key itself", remedy: "get it with ssh-keyscan" };
    return {};
  }).optional(),
  {
    description:
      "The one host key that the machine is accepted with. Without it the key is looked up in `knownHostsFile`.",
    allowed: "an OpenSSH public key, type and base64 text",
    example: '"ssh-ed25519 AAAA…"',
    fallback: "looked up in `knownHostsFile`",
  },
);

const user = (
  fallback: string,
  description = "The account to log in with. Another one than root needs `sudo` without a password.",
) =>
  key(text((value) => (/^[A-Za-z0-9_][A-Za-z0-9._-]{0,63}$/.test(value) ? undefined : {})).optional(), {
    description,
    allowed: "the name of an account: letters, digits, dot, - and _, not first a - or dot",
    example: "root",
    fallback,
  });

const sshPort = (fallback: string) =>
  key(port.optional(), {
    description: "The port that sshd is reached on.",
    allowed: portAllowed,
    example: "22",
    fallback,
  });

const secretText = (description: string, example: string) =>
  key(z.string().min(1).optional(), {
    description,
    allowed: "a text, set with `pulumi config set --secret --path`",
    example,
    secret: true,
    fallback: "none",
  });

/** The ways to authenticate; exactly one is to be given. */
const authentication = {
  privateKeyFile: key(z.string().min(1).optional(), {
    description:
      "Path of a private key file on the operator's machine, `~` allowed. Use a deploy key that all operators have: the key is an input of every resource, so with a personal key a second operator changes them all.",
    allowed: "the path of a private key file",
    example: "~/.ssh/deploy_ed25519",
    fallback: "none",
  }),
  privateKey: secretText("A private key's text.", "{ secure: … }"),
  passphrase: secretText("Passphrase of the private key, if it has one.", "{ secure: … }"),
  password: secretText("A password for SSH.", "{ secure: … }"),
  agent: key(z.literal(true).optional(), {
    description: "Use the SSH agent at `SSH_AUTH_SOCK`, on Windows that of the service `ssh-agent`.",
    allowed: "true",
    example: "true",
    fallback: "no agent",
  }),
};

/** An optional key with a default instead. */
const defaulted = <T extends z.ZodType>(schema: z.ZodOptional<T>, value: z.util.NoUndefined<z.output<T>>) => {
  const { fallback: _, ...doc } = docOf(schema);
  return key(schema.unwrap().default(value), doc);
};

const inherited = "the cluster's";

const insecureIgnoreHostKey = key(z.boolean().optional(), {
  description:
    "Accept any host key. Whoever intercepts the connection gets everything that root is sent. Every run prints a warning.",
  allowed: "true or false",
  example: "true",
  fallback: inherited,
});

export const bastion = key(
  z.strictObject({
    host: key(host, {
      description: "Address of the machine to jump through.",
      allowed: hostAllowed,
      example: "198.51.100.1",
    }),
    port: defaulted(sshPort(""), 22),
    user: user("the node's user", "The account to jump with."),
    hostKey,
    ...authentication,
    insecureIgnoreHostKey: defaulted(insecureIgnoreHostKey, false),
  }),
  {
    description: "A machine to jump through. Without a way to authenticate of its own it takes the node's.",
    allowed: "a mapping with at least `host`",
    example: "{ host: 198.51.100.1, user: jump }",
    fallback: "none",
  },
);

const common = {
  user: user(inherited),
  port: sshPort(inherited),
  ...authentication,
  knownHostsFile: key(z.string().min(1).optional(), {
    description: "The file that host keys are looked up in, `~` allowed; hashed entries too.",
    allowed: "the path of a known_hosts file",
    example: "~/.ssh/known_hosts",
    fallback: inherited,
  }),
  insecureIgnoreHostKey,
  dialTimeout: key(z.number().int().min(1).max(600).optional(), {
    description: "How long one attempt to connect may take, handshake included.",
    allowed: "a whole number from 1 to 600",
    unit: "seconds",
    example: "15",
    fallback: inherited,
  }),
};

/** The cluster's `ssh`. */
export const ssh = key(
  z
    .strictObject({
      ...common,
      user: defaulted(common.user, "root"),
      port: defaulted(common.port, 22),
      knownHostsFile: defaulted(common.knownHostsFile, "~/.ssh/known_hosts"),
      insecureIgnoreHostKey: defaulted(insecureIgnoreHostKey, false),
      dialTimeout: defaulted(common.dialTimeout, 15),
      bastion: bastion.optional(),
      maxConnections: key(z.number().int().min(1).max(200).default(10), {
        description: "How many SSH sessions the survey holds open at once.",
        allowed: "a whole number from 1 to 200",
        unit: "sessions",
        example: "10",
      }),
    })
    .prefault({}),
  {
    description:
      "How to reach the nodes. Exactly one way to authenticate: `privateKeyFile`, `privateKey`, `password` or `agent`.",
    allowed: "a mapping",
    example: "{ user: root, agent: true }",
  },
);

/** A node's `ssh`: what differs from the cluster's. A way to authenticate replaces the cluster's. */
export const nodeSsh = key(
  z
    .strictObject({
      ...common,
      bastion: key(z.union([z.literal("none"), bastion]).optional(), {
        description:
          "A bastion of the node's own, or `none` where the cluster has one that is not for this node.",
        allowed: "a mapping with at least `host`, or none",
        example: "none",
        fallback: inherited,
      }),
    })
    .optional(),
  {
    description:
      "What differs from the cluster's `ssh` for this node. A way to authenticate replaces the cluster's.",
    allowed: "a mapping",
    example: "{ password: { secure: … } }",
    fallback: inherited,
  },
);
