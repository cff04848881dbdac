import { z } from "zod";
import { isAuthorizedKey } from "../keys";
import { key, pattern, text } from "./key";

const authorizedKey = key(
  text((value) => (isAuthorizedKey(value) ? undefined : {})),
  {
    description: "A line of authorized_keys, options allowed.",
    allowed: "one whole OpenSSH public key, type and base64 text",
    example: '"ssh-ed25519 AAAA… name"',
  },
);

/** `admin`: the account for daily work. */
export const admin = key(
  z
    .strictObject({
      name: key(
        text((value) => {
          if (value === "root") return { allowed: "is the superuser, must be an account of its own" };
          return /^[a-z_][a-z0-9_-]{0,31}$/.test(value) ? undefined : {};
        }),
        {
          description: "The account's name.",
          allowed: "1 to 32 of a-z, 0-9, - and _, not first a digit or -",
          example: "kube",
        },
      ),
      authorizedKeys: key(z.array(authorizedKey).min(1), {
        description:
          "The public keys that may log in as it. Its password is locked, so at least one is needed.",
        allowed: "a list of at least one OpenSSH public key",
        example: '["ssh-ed25519 AAAA… name"]',
      }),
      sudo: key(z.boolean().default(false), {
        description: "Whether it may use sudo, without a password.",
        allowed: "true or false",
        example: "false",
      }),
    })
    .optional(),
  {
    description: "An account for daily work on every node, so that nobody works as root.",
    allowed: "a mapping with `name` and `authorizedKeys`",
    example: '{ name: kube, authorizedKeys: ["ssh-ed25519 AAAA… name"] }',
    fallback: "no account is made",
  },
);

const confFile = (folder: string) =>
  key(pattern(/^[A-Za-z0-9_][A-Za-z0-9_.@-]{0,199}\.conf$/).default("k8s.conf"), {
    description: `Name of the file in ${folder}.`,
    allowed: "a file name that ends in .conf: letters, digits, dot, @, - and _, no slash",
    example: "k8s.conf",
  });

const moduleName = key(pattern(/^[A-Za-z0-9_][A-Za-z0-9_-]{0,63}$/), {
  description: "A kernel module.",
  allowed: "the name of a kernel module: letters, digits, - and _",
  example: "ip_vs",
});

// With a slash first, the two have changed places (`net/ipv4/conf/eth0.100/forwarding`): another name of the same sysctl.
const sysctlName = key(
  text((value) => {
    if (!/^[a-z0-9_]+([./][A-Za-z0-9_:@-]+)+$/.test(value)) return {};
    return /^[^.]*\//.test(value)
      ? { allowed: "must be written with a dot first", remedy: `write ${exchanged(value)}` }
      : undefined;
  }),
  {
    description:
      "A sysctl. A dot in a name within it is written as a slash: `net.ipv4.conf.eth0/100.forwarding`.",
    allowed: "the name of a sysctl, like net.core.somaxconn",
    example: "net.core.somaxconn",
  },
);

const exchanged = (name: string): string => name.replace(/[./]/g, (mark) => (mark === "." ? "/" : "."));

// a greater number would silently be another one
const sysctlValue = key(
  z.union([z.number().refine(Number.isSafeInteger), pattern(/^(?=.*\S)(?:\t|[^\p{C}\u2028\u2029])+$/u)]),
  {
    description: "Its value.",
    allowed: "a whole number, in quotes from 2^53 on, or a text on one line",
    example: '"1024"',
  },
);

/** `kernel`: modules and sysctls besides the required ones. */
export const kernel = key(
  z
    .strictObject({
      modules: key(z.array(moduleName).default([]), {
        description: "Kernel modules to load, now and at boot, besides `overlay` and `br_netfilter`.",
        allowed: "a list of kernel modules",
        example: "[ip_vs]",
      }),
      sysctls: key(z.record(sysctlName, sysctlValue).default({}), {
        description:
          "Sysctls to set, now and at boot, besides those that Kubernetes needs. Another value for one of those is refused; a value below a minimum that nodes have without it gets a warning.",
        allowed: "a mapping of sysctls to their values",
        example: "{ net.core.somaxconn: 1024 }",
        keyName: "sysctl",
      }),
      modulesFile: confFile("/etc/modules-load.d"),
      sysctlFile: confFile("/etc/sysctl.d"),
    })
    .prefault({}),
  {
    description: "What is wanted of the kernel besides what Kubernetes needs.",
    allowed: "a mapping",
    example: "{ modules: [ip_vs] }",
  },
);

export const swap = key(z.enum(["disabled", "untouched"]).default("disabled"), {
  description: "`disabled`: no swap is active and none returns at boot. `untouched`: swap stays as it is.",
  allowed: "disabled or untouched",
  example: "disabled",
});

export const hostNames = key(z.enum(["managed", "untouched"]).default("untouched"), {
  description:
    "`managed`: each machine's host name is its node's name, and /etc/hosts of each has all nodes. `untouched`: host names are left alone; nodes that share one are refused.",
  allowed: "managed or untouched",
  example: "managed",
});

export const selinux = key(z.enum(["permissive", "enforcing", "untouched"]).default("permissive"), {
  description: "SELinux's mode, running and at boot. A system without SELinux satisfies each.",
  allowed: "permissive, enforcing or untouched",
  example: "permissive",
});
