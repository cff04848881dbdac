import { z } from "zod";
import { architectures } from "../release-spec";
import { usualUrls } from "../usual-urls";
import { filePath, key, pattern, text, type Fault } from "./key";
import { kubernetesRepository } from "./repository";

const sum = key(pattern(/^[0-9a-f]{64}$/), {
  description: "SHA-256 of the file for that architecture.",
  allowed: "64 hexadecimal digits in lower case",
  example: "9a0c…",
});

/** SHA-256 sums by architecture, by the names that Kubernetes has for them. */
const sums = (what: string) =>
  key(
    z.partialRecord(
      key(z.enum(architectures), {
        description: "An architecture.",
        allowed: "amd64, arm64, ppc64le or s390x",
      }),
      sum,
    ),
    {
      description: `SHA-256 of ${what}, by architecture: one for each that the nodes have.`,
      allowed: "a mapping of architectures to sums",
      example: "{ amd64: 9a0c… }",
      keyName: "architecture",
    },
  );

/** A pattern of URLs; `{version}`, `{arch}` and, for several files, `{name}` are filled in. */
function urlFault(
  value: string,
  words: readonly string[],
): (Fault & { readonly value?: string }) | undefined {
  const fault = wordFault(value, words);
  if (fault !== undefined) return fault;
  const filled = value.replace(/\{[^}]*\}/g, "x");
  if (/^(https?:\/\/[^/@]+\/|file:\/\/\/)[!-~]*$/.test(filled) && !/["'\\]/.test(filled)) return undefined;
  // A password in it is not repeated.
  return { value: value.replace(/(^|\/)[^/]*@/, "$1***@") };
}

/** A pattern of paths on the operator's machine. */
const pathFault = (value: string, words: readonly string[]): Fault | undefined =>
  filePath.test(value) ? wordFault(value, words) : {};

/** A word in braces that nothing is filled in for. */
function wordFault(value: string, words: readonly string[]): Fault | undefined {
  const unknown = [...value.matchAll(/\{([^}]*)\}/g)].find(([, word = ""]) => !words.includes(word))?.[0];
  return unknown === undefined ? undefined : { allowed: `has ${unknown}, known are ${inBraces(words)}` };
}

const inBraces = (words: readonly string[]): string => words.map((word) => `{${word}}`).join(", ");

const filesFault = (value: string): Fault | undefined =>
  pathFault(value, programWords) ?? (value.includes("{name}") ? undefined : {});

const urlText = (words: readonly string[]) => text((value) => urlFault(value, words));

const urlDoc = (words: readonly string[], usual: string) => ({
  description: `Where it is downloaded from by the node: ${inBraces(words)} are filled in. Name a mirror of your own here.`,
  allowed:
    "a URL that begins with https://, http:// or, for what is on the node already, file:///; no password in it",
  example: usual,
});

const releaseWords = ["version", "arch"];
const programWords = ["version", "arch", "name"];

const version = (example: string) =>
  key(pattern(/^\d{1,4}(\.\d{1,4}){2}(-[0-9A-Za-z.-]{1,64})?$/), {
    description: "Its version.",
    allowed: "a whole version of three numbers, without v",
    example,
  });

/** The keys of what a project publishes: its version, where it is, and its sums. */
export const releaseKeys = (usualUrl: string, usualVersion: string) => ({
  version: version(usualVersion),
  url: key(urlText(releaseWords).default(usualUrl), urlDoc(releaseWords, usualUrl)),
  file: key(text((value) => pathFault(value, releaseWords)).optional(), {
    description:
      "In the place of `url`: where it is on your machine, which pushes it to nodes that lack it, over SSH. {version} and {arch} are filled in; a relative path is taken from the folder of Pulumi.yaml. The file of every architecture in `sha256` must be there, and have its sum, before any machine is touched.",
    allowed: "a file's path",
    example: `downloads/${usualUrl.slice(usualUrl.lastIndexOf("/") + 1)}`,
    fallback: "the nodes download it",
  }),
  sha256: sums("the file"),
});

/** One archive that a project publishes. */
export const release = (what: string, usualUrl: string, usualVersion: string) =>
  key(z.strictObject(releaseKeys(usualUrl, usualVersion)).optional(), {
    description: `${what}, as its project publishes it.`,
    allowed: "a mapping with `version` and `sha256`",
    example: `{ version: ${usualVersion}, sha256: { amd64: 9a0c… } }`,
    fallback: "none",
  });

const program = (name: string) =>
  key(sums(name).optional(), {
    description: `SHA-256 of ${name}, by architecture. With it, ${name} is installed.`,
    allowed: "a mapping of architectures to sums",
    example: "{ amd64: 9a0c…, arm64: 77b1… }",
    fallback: `${name} is not installed`,
    keyName: "architecture",
  });

const programFile = (name: string) =>
  key(text((value) => pathFault(value, programWords)).optional(), {
    description: `Where ${name} is on your machine.`,
    allowed: "a file's path",
    example: `downloads/worker/${name}`,
    fallback: `${name} is not installed`,
  });

/** Where programs are on the operator's machine: all in one way, or each in its own. */
const programFiles = z.union([
  key(text(filesFault), {
    description: "Where all of them are.",
    allowed: "a file's path with {name} in it",
    example: "binaries/{arch}/{name}",
  }),
  z.strictObject({
    kubelet: programFile("kubelet"),
    "kube-proxy": programFile("kube-proxy"),
    kubectl: programFile("kubectl"),
    kubeadm: programFile("kubeadm"),
  }),
]);

/** `kubernetes`: programs of `kubernetesVersion`, in /usr/local/bin or as packages. */
export const kubernetes = key(
  z
    .strictObject({
      source: key(z.enum(["binaries", "packages"]).default("binaries"), {
        description:
          "`binaries`: the programs that `sha256` names, for Kubernetes by hand or with kubeadm. `packages`: kubelet, kubeadm and kubectl with the kubelet's unit, for kubeadm, from the Kubernetes project's package repository, with `repository.keyFile`; held at `kubernetesVersion`.",
        allowed: "binaries or packages",
        example: "packages",
      }),
      repository: kubernetesRepository,
      revision: key(pattern(/^[0-9][A-Za-z0-9.+~]{0,49}$/).optional(), {
        description:
          "With `source: packages`: what follows `kubernetesVersion` in the packages' version, as in `1.34.2-1.1`.",
        allowed: "a package's revision, in quotes",
        example: '"1.1"',
        fallback: "that of the project's packages: `1.1` for apt, `150500.1.1` for dnf",
      }),
      url: key(urlText(programWords).optional(), {
        ...urlDoc(programWords, usualUrls.kubernetes),
        fallback: `\`${usualUrls.kubernetes}\``,
      }),
      files: key(programFiles.optional(), {
        description:
          "In the place of `url`: where the programs are on your machine, which pushes them to nodes that lack them, over SSH. {version}, {arch} and {name} are filled in. One path with {name}: those that are there are installed. Or a path for each program that is to be installed: it must be there. A sum in `sha256` is checked before any machine is touched.",
        allowed: "a file's path with {name} in it, or a mapping of programs to paths",
        example: "binaries/{arch}/{name}",
        fallback: "the nodes download them",
      }),
      sha256: key(
        z
          .strictObject({
            kubelet: program("kubelet"),
            "kube-proxy": program("kube-proxy"),
            kubectl: program("kubectl"),
            kubeadm: program("kubeadm"),
          })
          .prefault({}),
        {
          description:
            "The programs of `kubernetesVersion` to install in /usr/local/bin, each by its SHA-256: the file at its URL with `.sha256` at the end has it.",
          allowed: "a mapping of programs",
          example: "{ kubelet: { amd64: 9a0c… } }",
        },
      ),
      crictl: release("crictl, which asks the runtime", usualUrls.crictl, "1.34.0"),
    })
    .optional(),
  {
    description: "Kubernetes' own programs.",
    allowed: "a mapping",
    example: "{ sha256: { kubelet: { amd64: 9a0c… } } }",
    fallback: "what is there is used",
  },
);
