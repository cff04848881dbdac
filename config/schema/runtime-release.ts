import { z } from "zod";
import { usualUrls } from "../usual-urls";
import { key, pattern, text, type Fault } from "./key";
import { releaseKeys } from "./kubernetes";

/** `runtime.release`. */
export const runtimeRelease = key(
  z
    .strictObject({
      ...releaseKeys(usualUrls.containerd, "2.2.0"),
      directory: key(z.enum(["/bin", "/usr/bin", "/usr/local/bin"]).default("/bin"), {
        description: "Where the programs of the archive go. runc goes to /usr/local/bin.",
        allowed: "/bin, /usr/bin or /usr/local/bin",
        example: "/usr/local/bin",
      }),
      runc: key(z.strictObject(releaseKeys(usualUrls.runc, "1.3.3")), {
        description:
          "The release of runc that goes with it. One with a known way out of containers is refused.",
        allowed: "a mapping with `version` and `sha256`",
        example: "{ version: 1.3.3, sha256: { amd64: 781e… } }",
      }),
    })
    .optional(),
  {
    description: "With `source: release`: the runtime and runc, as their projects publish them.",
    allowed: "a mapping with `version`, `sha256` and `runc`",
    example: "{ version: 2.2.0, sha256: { amd64: 5a1e… }, runc: { … } }",
    fallback: "none",
  },
);

const registry = key(pattern(/^[A-Za-z0-9][A-Za-z0-9.-]*(:[0-9]{1,5})?$/), {
  description: "A registry.",
  allowed: "a host, with a port where it has one",
  example: "docker.io",
});

/** A password in it would be read by everybody on the node, and is not repeated. */
function mirrorFault(value: string): (Fault & { readonly value?: string }) | undefined {
  if (/^https?:\/\/[^/@]+(\/[!-~]*)?$/.test(value) && !/["'\\?#]/.test(value)) return undefined;
  const shown = value.replace(/(^|\/)[^/]*@/, "$1***@");
  return shown === value
    ? {}
    : { value: shown, remedy: "write `{ url, username }` instead, and set its password as a secret" };
}

const mirrorUrl = text(mirrorFault);
const urlDoc = {
  description: "Address of a mirror.",
  allowed: "an http or https URL without a password or query",
  example: "https://mirror.example.org",
};

/** A mirror that asks who wants to know. RFC 7617 leaves colons and control characters to nobody. */
const closedMirror = z.strictObject({
  url: key(mirrorUrl, urlDoc),
  username: key(pattern(/^[^:\p{C}]{1,200}$/u).optional(), {
    description: "Who the nodes are to the mirror (HTTP Basic).",
    allowed: "a text without colon",
    example: "nodes",
    fallback: "none: the mirror is asked without",
  }),
  password: key(pattern(/^[^\p{C}]{1,1000}$/u).optional(), {
    description:
      "The password, or token, that goes with `username`. Set it as a secret. It is on the nodes in one file, for root alone.",
    allowed: "a text of one line, set with `pulumi config set --secret --path`",
    secret: true,
    fallback: "none",
  }),
});

/** `runtime.registryMirrors`. */
export const registryMirrors = key(
  z
    .record(
      registry,
      key(
        z.array(
          key(z.union([key(mirrorUrl, urlDoc), closedMirror]), {
            description: "A mirror: its address, or with what it wants to know a mapping.",
            allowed: `${urlDoc.allowed}, or a mapping with url, username and password`,
            example: "{ url: https://mirror.example.org, username: nodes, password: { secure: … } }",
          }),
        ),
        {
          description: "Mirrors, asked in order, before the registry itself.",
          allowed: "a list of http or https URLs, or of mappings with url, username and password",
          example: '["https://mirror.example.org"]',
          keyName: "registry",
        },
      ),
    )
    .default({}),
  {
    description: "Mirrors of registries, by the registry's name.",
    allowed: "a mapping from a registry's host (and port) to a list of URLs",
    example: '{ docker.io: ["https://mirror.example.org"] }',
  },
);
