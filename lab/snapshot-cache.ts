import { mkdir, readdir, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { cacheFolder } from "../offline/paths";
import { must, run } from "../offline/process";
import { exists } from "./files";
import { loginKeys } from "./keys";
import { kernelOptions, processor } from "./qemu";

/** Snapshots that were not used for so many days are deleted. */
const KEPT_DAYS = 7;

const snapshots = (): string => join(cacheFolder(), "snapshots");

/** Folder of the snapshot with this key. */
export const snapshotFolder = (key: string): string => join(snapshots(), key);

/** Is there a snapshot with this key that a machine can go on from? One that is of no use any more is deleted. */
export async function hasSnapshot(key: string): Promise<boolean> {
  const folder = snapshotFolder(key);
  if (!(await exists(folder))) return false;
  const made = await readFile(join(folder, "made-with"), "utf8").catch(() => "");
  if (made === (await madeWith()) && (await backingFiles(folder)) !== undefined) return true;
  await rm(folder, { recursive: true, force: true });
  return false;
}

/** Writes down what the snapshot in this folder depends on besides its disks. */
export const writeMadeWith = async (folder: string): Promise<void> =>
  writeFile(join(folder, "made-with"), await madeWith());

/** Marks the snapshot and those that its disks build on as being in use. */
export async function touch(key: string): Promise<void> {
  const folder = snapshotFolder(key);
  const now = new Date();
  const folders = new Set((await backingFiles(folder))?.map(dirname));
  for (const used of [folder, ...folders]) if (dirname(used) === snapshots()) await utimes(used, now, now);
}

/** Deletes snapshots that nobody used for days. */
export async function prune(): Promise<void> {
  await mkdir(snapshots(), { recursive: true });
  const oldest = Date.now() - KEPT_DAYS * 24 * 60 * 60 * 1000;
  for (const name of await readdir(snapshots())) {
    const folder = join(snapshots(), name);
    const used = await stat(folder).catch(() => undefined); // another process may delete it too
    if (used && used.mtimeMs < oldest) await rm(folder, { recursive: true, force: true });
  }
}

/** The saved memory fits one version of QEMU, a processor and a kernel that was started so, and the machine in it lets one key in. */
async function madeWith(): Promise<string> {
  const [version = ""] = (await must("qemu-system-x86_64", ["--version"])).split("\n");
  return `${version}\n${processor}\n${kernelOptions}\n${(await loginKeys()).publicKey}\n`;
}

/** The files that the snapshot's disk consists of; nothing when one of them is gone. */
async function backingFiles(folder: string): Promise<string[] | undefined> {
  const disk = join(folder, "disk.qcow2");
  const { code, stdout } = await run("qemu-img", ["info", "-U", "--backing-chain", "--output=json", disk]);
  if (code !== 0) return undefined;
  return (JSON.parse(stdout) as { filename: string }[]).map(({ filename }) => filename);
}
