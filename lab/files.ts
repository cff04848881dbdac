import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { access, mkdir, mkdtemp, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";

/** Is there a file? */
export async function exists(path: string): Promise<boolean> {
  return access(path, constants.F_OK).then(
    () => true,
    () => false,
  );
}

/** Makes a folder whole or not at all; another process may make the same one meanwhile. */
export async function once(folder: string, make: (temporary: string) => Promise<unknown>): Promise<void> {
  if (await exists(folder)) return;
  await mkdir(join(folder, ".."), { recursive: true });
  const temporary = await mkdtemp(join(folder, "..", ".new-"));
  try {
    await make(temporary);
    await rename(temporary, folder).catch(async (error: unknown) => {
      if (!(await exists(folder))) throw error;
    });
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** The SHA-256 of a file, in hexadecimal digits. */
export const sha256Of = async (file: string): Promise<string> =>
  createHash("sha256")
    .update(await readFile(file))
    .digest("hex");
