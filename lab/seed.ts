import { createHash } from "node:crypto";
import { copyFile, mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { must } from "../offline/process";
import { hostKeys, loginKeys } from "./keys";

/** What tells one lab machine from another, derived from its name. */
export interface Identity {
  readonly name: string;
  readonly machineId: string;
  readonly uuid: string;
  readonly mac: string;
}

/** The identity of the machine of this name: always the same one, and another than that of any other name. */
export function identityOf(name: string): Identity {
  const hex = createHash("sha256").update(`lab machine ${name}`).digest("hex");
  const uuid = `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
  const mac = ["52", "54", "00", hex.slice(32, 34), hex.slice(34, 36), hex.slice(36, 38)].join(":");
  return { name, machineId: hex.slice(0, 32), uuid, mac };
}

/** Writes the disk from which a machine takes its name and keys at its first boot: a tar archive. */
export async function writeSeed(name: string, disk: string): Promise<void> {
  const folder = await mkdtemp(`${disk}.`);
  try {
    const host = await hostKeys(name);
    for (const file of await readdir(host.folder))
      await copyFile(join(host.folder, file), join(folder, file));
    await writeFile(join(folder, "hostname"), `${name}\n`);
    await writeFile(join(folder, "authorized_keys"), `${(await loginKeys()).publicKey} lab\n`);
    await mkdir(join(disk, ".."), { recursive: true });
    await must("tar", ["-cf", disk, "--owner=0", "--group=0", "-C", folder, "."]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
