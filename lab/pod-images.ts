import { createHash } from "node:crypto";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { cacheFolder } from "../offline/paths";
import { must } from "../offline/process";
import { once, sha256Of } from "./files";

/*
 * Images for Pods that come from no registry: Debian's static busybox, as an archive that `ctr images import` and
 * `docker load` take.
 */

/** The image that Pods of the lab run. */
export const podImage = "lab.nodeprep/busybox:1";

/**
 * A container's command that ends when it is asked to: the first process of a container ignores signals that it does not
 * trap, and systemd waits 90 s for it when a machine is shut down.
 */
export const stoppable = (script: string): readonly string[] => [
  "/bin/sh",
  "-c",
  `trap 'exit 0' TERM INT; { ${script}; } & wait`,
];

const pause = stoppable("exec sleep infinity");

const applets = ["sh", "cat", "hostname", "httpd", "ip", "nc", "ping", "sleep", "tail"];

/** An archive with `podImage` and an image of the name of the pause image: a busybox that sleeps. */
export async function imageArchive(pauseImage: string): Promise<string> {
  const hash = createHash("sha256")
    .update(`${pauseImage}\n${podImage}\n${applets.join(" ")}\n${pause.join(" ")}\n`)
    .digest("hex");
  const folder = join(cacheFolder(), "pod-images", hash.slice(0, 16));
  await once(folder, (temporary) => build(temporary, pauseImage));
  return join(folder, "images.tar");
}

async function build(folder: string, pauseImage: string): Promise<void> {
  const contents = join(folder, "contents");
  await mkdir(contents);
  const layer = await writeLayer(folder, join(contents, "layer.tar"));
  const manifest = [
    await image(contents, layer, podImage, ["/bin/sh"]),
    await image(contents, layer, pauseImage, pause),
  ];
  await writeFile(join(contents, "manifest.json"), JSON.stringify(manifest));
  await must("tar", ["-C", contents, "-cf", join(folder, "images.tar"), "."]);
}

/** The layer that both share; returns its digest. */
async function writeLayer(folder: string, file: string): Promise<string> {
  await must("apt-get", ["download", "-q", "busybox-static"], folder);
  await must("sh", ["-c", "dpkg-deb -x busybox-static_*.deb package"], folder);
  const bin = join(folder, "root", "bin");
  await mkdir(bin, { recursive: true });
  await must("cp", [join(folder, "package", "bin", "busybox"), bin]);
  for (const applet of applets) await symlink("busybox", join(bin, applet));
  await must("tar", ["-C", join(folder, "root"), "--owner=0", "--group=0", "-cf", file, "bin"]);
  return sha256Of(file);
}

/** Writes an image's configuration; returns its line in the manifest. */
async function image(
  contents: string,
  layer: string,
  name: string,
  entrypoint: readonly string[],
): Promise<object> {
  const config = JSON.stringify({
    architecture: "amd64",
    os: "linux",
    config: { Entrypoint: entrypoint, Env: ["PATH=/bin"] },
    rootfs: { type: "layers", diff_ids: [`sha256:${layer}`] },
  });
  const file = `${createHash("sha256").update(config).digest("hex")}.json`;
  await writeFile(join(contents, file), config);
  return { Config: file, RepoTags: [name], Layers: ["layer.tar"] };
}
