import { z } from "zod";
import { key, pattern, text } from "./key";

const url = text((value) => {
  if (!URL.canParse(value) || /[\s'"\\]/.test(value)) return {};
  const { protocol, username, password } = new URL(value);
  const shown = { value: "the URL" };
  if (username !== "" || password !== "") return { ...shown, allowed: "holds credentials, must hold none" };
  return ["http:", "https:", "file:"].includes(protocol) ? undefined : {};
});

/** What is said of a repository besides what all have in common. */
interface RepositoryDoc {
  readonly description: string;
  /** What holds where a key is absent. */
  readonly url: string;
  readonly suite: string;
  readonly components: string;
  readonly fingerprint: string;
}

/** Where the packages are. */
const place = (doc: RepositoryDoc) => ({
  url: key(url.optional(), {
    description:
      "Where the packages are. For apt the base address, for dnf the folder that has `repodata`; `$releasever` and `$basearch` may be in it.",
    allowed: "an http, https or file URL without credentials",
    example: "https://packages.example.com/debian",
    fallback: doc.url,
  }),
  suite: key(pattern(/^[A-Za-z0-9][A-Za-z0-9._/-]*$|^\.?\/$/).optional(), {
    description: "apt's suite, or a folder that ends with a slash. dnf has none.",
    allowed: "a suite's name, or a folder that ends with /",
    example: "bookworm",
    fallback: doc.suite,
  }),
  components: key(
    z
      .array(
        key(pattern(/^[A-Za-z0-9][A-Za-z0-9._/-]*$/), {
          description: "A component.",
          allowed: "a component's name",
          example: "stable",
        }),
      )
      .optional(),
    {
      description: "apt's components. dnf has none.",
      allowed: "a list of components",
      example: "[stable]",
      fallback: doc.components,
    },
  ),
});

/** Who signs them. */
const signer = (doc: RepositoryDoc) => ({
  key: key(z.string().min(1).optional(), {
    description: "The public key that the repository is signed with, in ASCII armor, as text.",
    allowed: "a PGP public key block",
    fallback: "none",
  }),
  keyFile: key(z.string().min(1).optional(), {
    description: "File of the operator's machine that holds that key.",
    allowed: "a file's path",
    example: "keys/docker.asc",
    fallback: "none",
  }),
  fingerprint: key(pattern(/^[0-9A-Fa-f ]{40,60}$/).optional(), {
    description: "What the key's fingerprint must be. A file that holds other keys besides is refused.",
    allowed: "40 hexadecimal digits, with or without spaces",
    example: "9DC8 5822 9FC7 DD38 854A E2D8 8D81 803C 0EBF CD88",
    fallback: doc.fingerprint,
  }),
});

/** A package repository and its key. */
const packageRepository = (doc: RepositoryDoc) =>
  key(z.strictObject({ ...place(doc), ...signer(doc) }).optional(), {
    description: `${doc.description} apt and dnf take only what is signed with its key.`,
    allowed: "a mapping with `key` or `keyFile`",
    example: "{ url: https://packages.example.com/debian, keyFile: keys/example.asc }",
    fallback: "none",
  });

/** `runtime.repository`. */
export const repository = packageRepository({
  description: "A package repository to take the runtime, or cri-dockerd, from.",
  url: "with `runtime.source: docker`, Docker's repository for the node's system; with `project`, that of the project for `kubernetesVersion`, or for `runtime.version`",
  suite: "the code name of the node's system; `/` with `runtime.source: project`",
  components: "`[main]`; `[stable]` with `runtime.source: docker`",
  fingerprint: "that of Docker's key, with `runtime.source: docker` and no `url`; any otherwise",
});

/** `kubernetes.repository`. */
export const kubernetesRepository = packageRepository({
  description: "With `source: packages`: the repository that they come from.",
  url: "that of the Kubernetes project for `kubernetesVersion`, https://pkgs.k8s.io/core:/stable:/v1.34/deb/ or rpm/",
  suite: "`/`",
  components: "`[main]`; none for a suite that ends with a slash",
  fingerprint: "that of the project's key, without `url`; any otherwise",
});
