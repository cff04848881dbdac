import { cp, mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { cacheFolder } from "../offline/paths";
import { must } from "../offline/process";
import { goProgram, type GoProgram } from "./binaries";
import { once, sha256Of } from "./files";
import { toStderr, type Say } from "./progress";

/** A file as a project publishes it. */
export interface Release {
  readonly file: string;
  readonly sha256: string;
}

const containerdModule = "github.com/containerd/containerd/v2";
const containerdVersion = "v2.2.0";

export const containerd: GoProgram = {
  name: "containerd",
  module: containerdModule,
  version: containerdVersion,
  packages: ["cmd/containerd", "cmd/containerd-shim-runc-v2", "cmd/ctr"],
  tags: ["netgo", "osusergo"],
  variables: { [`${containerdModule}/version.Version`]: containerdVersion },
};

/** With seccomp, as its release is: containerd asks it for a profile wherever the kernel has seccomp. */
export const runc: GoProgram = {
  name: "runc",
  module: "github.com/opencontainers/runc",
  version: "v1.3.3",
  tags: ["netgo", "osusergo", "seccomp"],
  cgo: true,
  needs: { gcc: "gcc", "/usr/include/stdlib.h": "libc6-dev", "/usr/include/seccomp.h": "libseccomp-dev" },
};

export const cniPlugins: GoProgram = {
  name: "cni-plugins",
  module: "github.com/containernetworking/plugins",
  version: "v1.8.0",
  packages: ["plugins/ipam/...", "plugins/main/...", "plugins/meta/..."],
};

export const crictl: GoProgram = {
  name: "crictl",
  module: "sigs.k8s.io/cri-tools",
  version: "v1.34.0",
  packages: ["cmd/crictl"],
  variables: { "sigs.k8s.io/cri-tools/pkg/version.Version": "v1.34.0" },
  sums: [
    "k8s.io/cri-api v0.34.0-rc.2 h1:vNY8qWx3HyQLkkBscQmMcSVxPJogOnK64K0XMAFXDY0=",
    "k8s.io/cri-api v0.34.0-rc.2/go.mod h1:4qVUjidMg7/Z9YGZpqIDygbkPWkg3mkS1PvOx/kpHTE=",
    "k8s.io/cri-client v0.34.0-rc.2 h1:/leZDhMprDm7SgCBkK30ddr9+5F4UJzytYkI0kgM60I=",
    "k8s.io/cri-client v0.34.0-rc.2/go.mod h1:H+l859fI8zzOztkxC4jOg4hudHo9EnnGT+gO9GQr4UQ=",
    "sigs.k8s.io/cri-tools v1.34.0 h1:KqL9EJ+WgHtz1HR1exezm91n+o8O2uMLs/eHzHJHAWw=",
    "sigs.k8s.io/cri-tools v1.34.0/go.mod h1:JyYVG0YFsly+p/hfDfmQcQBNFVHh0+BpMTn49YpasMA=",
  ],
};

/** One executable, as projects like runc publish it: `runc.amd64`. */
export async function binaryRelease(program: GoProgram, name: string, say: Say = toStderr): Promise<Release> {
  return released(join(await goProgram(program, say), name));
}

/**
 * All of a program's executables as a tar.gz, as projects publish them: below `prefix` (`bin` for containerd, nothing
 * for CNI plugins). Kept in the cache, so that its SHA-256 stays the same.
 */
export async function archiveRelease(program: GoProgram, prefix = "", say: Say = toStderr): Promise<Release> {
  const built = await goProgram(program, say);
  const folder = join(
    cacheFolder(),
    "releases",
    `${built.split("/").at(-2) ?? program.name}${prefix && `-${prefix}`}`,
  );
  const name = `${program.name}.tar.gz`;
  await once(folder, async (temporary) => {
    const root = join(temporary, "root");
    await mkdir(root);
    await cp(built, join(root, prefix), { recursive: true });
    const order = ["--sort=name", "--owner=0", "--group=0", "--numeric-owner", "--mtime=@0"];
    await must("tar", [...order, "-C", root, "-czf", join(temporary, name), "."]);
  });
  return released(join(folder, name));
}

async function released(file: string): Promise<Release> {
  return {
    file,
    sha256: await sha256Of(file),
  };
}

/** The names of a program's executables. */
export const executables = async (program: GoProgram): Promise<readonly string[]> =>
  (await readdir(await goProgram(program))).sort();
