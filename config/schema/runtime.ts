import { z } from "zod";
import { cgroupDrivers } from "../runtime-spec";
import { usualUrls } from "../usual-urls";
import { key, pattern, text, type Fault } from "./key";
import { release } from "./kubernetes";
import { repository } from "./repository";
import { registryMirrors, runtimeRelease } from "./runtime-release";
import { allSources, oneOf, runtimeTypes, usualSource, usualType } from "./runtime-types";

/** Runtimes that are refused by name, each with its reason. */
const refused: Readonly<Record<string, Fault>> = {
  crio: { allowed: "is called cri-o here", remedy: "write cri-o" },
  dockershim: {
    allowed: "is refused: it is no runtime, but a part of the kubelet, up to Kubernetes 1.23",
    remedy: "use docker, which comes with cri-dockerd from Kubernetes 1.24 on, or containerd",
  },
  frakti: {
    allowed:
      "is refused: the project is archived and speaks no CRI v1, which every supported Kubernetes needs",
    remedy:
      "use containerd, with Kata Containers as its runtime handler where pods are to run in virtual machines",
  },
  windows: {
    allowed: "is refused: nodeprep prepares Linux machines over a POSIX shell, Windows nodes have none",
    remedy: "remove the Windows machines from nodes and prepare them with their own tools",
  },
};

function typeFault(value: string): Fault | undefined {
  if (runtimeTypes.includes(value)) return undefined;
  const name = /npipe:|\\|\.exe$/i.test(value) ? "windows" : value.toLowerCase();
  return Object.hasOwn(refused, name) ? refused[name] : {};
}

const sources = text((value) => (allSources.includes(value) ? undefined : {}));

const packageVersion = (description: string) =>
  key(pattern(/^[0-9][A-Za-z0-9.+~:^_-]{0,99}$/).optional(), {
    description,
    allowed: "a package version, in quotes",
    example: '"1.6.20~ds1-1+deb12u1"',
    fallback: "any; the newest when it is installed",
  });

/** `runtime`. */
export const runtime = key(
  z
    .strictObject({
      type: key(text(typeFault).default(usualType), {
        description: "The container runtime.",
        allowed: oneOf(runtimeTypes),
        example: "containerd",
      }),
      source: key(sources.optional(), {
        description:
          "Where the runtime comes from. `distribution`: its own packages. `docker`: those of Docker's repository, with `repository.keyFile`. `release`: the project's release (see `release`). `project`: the package repository of the project, with `repository.keyFile`. `repository`: the one that `repository` names.",
        allowed: oneOf(allSources),
        example: "docker",
        fallback: runtimeTypes.map((type) => `\`${usualSource(type) ?? ""}\` for ${type}`).join(", "),
      }),
      version: packageVersion(
        "The exact version of the runtime's package, as the package manager writes it; it is held at it. Required for `mirantis`, and for `containerd` with `source: docker`. One that cannot be run with `kubernetesVersion` is refused.",
      ),
      cgroupDriver: key(z.enum(cgroupDrivers).default("systemd"), {
        description:
          "Who manages cgroups, for runtime and kubelet alike. `cgroupfs` is for machines with cgroup v1 alone.",
        allowed: "systemd or cgroupfs",
        example: "systemd",
      }),
      sandboxImage: key(pattern(/^[a-z0-9][A-Za-z0-9._:/-]{0,199}(@sha256:[0-9a-f]{64})?$/).optional(), {
        description: "The pause image that every pod starts with.",
        allowed: "an image reference",
        example: "registry.k8s.io/pause:3.10.1",
        fallback: "the one that `kubernetesVersion` was released with",
      }),
      registryMirrors,
      release: runtimeRelease,
      repository,
      criDockerd: key(
        z
          .strictObject({
            version: packageVersion("The package's exact version; it is held at it."),
            release: release(
              "cri-dockerd instead of its package, for `docker`",
              usualUrls.criDockerd,
              "0.3.21",
            ),
          })
          .optional(),
        {
          description:
            "cri-dockerd, through which the kubelet talks to Docker Engine: the package of that name in the node's package sources, or with `release` its project's release. For `docker` and `mirantis` alone.",
          allowed: "a mapping",
          example: '{ version: "0.3.21.3-0" }',
          fallback: "the newest version when it is installed",
        },
      ),
    })
    .prefault({}),
  {
    description: "The container runtime of the nodes.",
    allowed: "a mapping",
    example: "{ type: containerd }",
  },
);
