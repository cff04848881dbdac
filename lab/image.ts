import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { cacheFolder } from "../offline/paths";
import { run } from "../offline/process";
import { once } from "./files";
import { during, toStderr, type Say } from "./progress";

/**
 * `base` is a plain Debian; `selinux` is one with a policy installed and loaded, permissive; `dnf` is one that has dnf in
 * the place of apt, and says that it is Rocky Linux.
 */
export type Variant = "base" | "selinux" | "dnf";

export interface Image {
  /** Changes with everything that the image is made of. */
  readonly key: string;
  readonly variant: Variant;
  readonly disk: string;
  readonly kernel: string;
  readonly initrd: string;
  /** The kernel's command line. */
  readonly append: string;
  /** Debian's packages that the system does not have, as files; only beside variant `dnf`. */
  readonly debs: string;
}

const RELEASE = "bookworm";
const RECIPE = join(__dirname, "image");

/**
 * The guest image, from the cache; built when it is not there, which takes a minute or two.
 *
 * @throws Error with the end of the build's output when it fails.
 */
export async function image(variant: Variant = "base", say: Say = toStderr): Promise<Image> {
  const key = `${variant}-${(await recipeHash(variant)).slice(0, 16)}`;
  const folder = join(cacheFolder(), "images", key);
  await once(folder, async (temporary) => {
    const what = `guest image ${variant}: building it into ${folder}`;
    say(`${what}, about two minutes`);
    await during(build(variant, temporary), () => what, say);
  });
  const append = "root=/dev/vda rw console=ttyS0 net.ifnames=0";
  return {
    key,
    variant,
    disk: join(folder, "disk.qcow2"),
    kernel: join(folder, "vmlinuz"),
    initrd: join(folder, "initrd"),
    debs: join(folder, "debs"),
    append: variant === "selinux" ? `${append} security=selinux selinux=1` : append,
  };
}

async function recipeHash(variant: Variant): Promise<string> {
  const hash = createHash("sha256").update(`${RELEASE}\n${variant}\n`);
  const files = (await readdir(RECIPE)).sort();
  // a variant's own files begin with its name
  for (const name of files.filter((one) => (/^(selinux|dnf)-/.exec(one)?.[1] ?? variant) === variant))
    hash.update(await readFile(join(RECIPE, name)));
  return hash.digest("hex");
}

async function build(variant: Variant, folder: string): Promise<void> {
  const env = { ...process.env, OUT: folder, RELEASE, VARIANT: variant };
  const { code, stdout, stderr } = await run("sh", [join(RECIPE, "build.sh")], { env });
  if (code !== 0) throw new Error(`the guest image cannot be built:\n${tail(stdout)}\n${tail(stderr)}`);
}

const tail = (text: string): string => text.trim().split("\n").slice(-20).join("\n");
