import { createHash } from "node:crypto";
import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { image } from "../../../lab/image";
import { snapshotFolder } from "../../../lab/snapshot";
import { fingerprint, fingerprintScript } from "./fingerprint";
import { bareKey, bareMachine, type TestMachine } from "./machine";

/**
 * How every bare machine is found: looked at once, and kept beside the snapshot from which all of them go on. It is of no
 * use for one that somebody has changed since.
 *
 * @param untouched such a machine; without it, one is started where nobody has looked yet
 */
export async function bareFingerprint(untouched?: TestMachine): Promise<string> {
  const hash = createHash("sha256").update(fingerprintScript).digest("hex").slice(0, 16);
  const folder = snapshotFolder(bareKey(untouched?.image ?? (await image())));
  const file = join(folder, `fingerprint-${hash}`);
  const kept = await readFile(file, "utf8").catch(() => "");
  if (kept !== "") return kept;
  const found = await lookAt(untouched);
  const temporary = `${file}.${process.pid}`;
  await writeFile(temporary, found);
  await rename(temporary, file);
  return found;
}

async function lookAt(untouched: TestMachine | undefined): Promise<string> {
  if (untouched) return fingerprint(untouched);
  const machine = await bareMachine();
  return fingerprint(machine).finally(() => machine.stop());
}
