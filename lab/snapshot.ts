import { copyFile, rename, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { quote } from "../plan/quote";
import { overlay } from "./disks";
import { once } from "./files";
import type { Machine } from "./machine";
import type { Qmp } from "./qmp";
import { writeSeed } from "./seed";
import { hasSnapshot, prune, snapshotFolder, touch, writeMadeWith } from "./snapshot-cache";
import { closeConnection } from "./ssh";

export { hasSnapshot, snapshotFolder };

/*
 * A snapshot is a running machine put to sleep: its memory in a file, and the disks as they were at that moment,
 * which later disks are overlays of. Going on from it takes two seconds, where booting takes up to a minute.
 */

/**
 * Keeps the running machine as snapshot `key` and lets it go on. `more` may put further files into the snapshot's
 * folder, before it counts as there.
 */
export async function saveSnapshot(
  machine: Machine,
  key: string,
  more: (folder: string) => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  await prune();
  await once(snapshotFolder(key), async (temporary) => {
    await closeConnection(machine.target("root", true));
    await sleep(machine, join(temporary, "memory"));
    for (const disk of machine.disks) await move(disk, join(temporary, basename(disk)));
    await copyFile(machine.path("seed.tar"), join(temporary, "seed.tar"));
    await writeMadeWith(temporary);
    await more(temporary);
  });
  await resume(machine, key);
}

/** Switches the machine off if it runs, and lets it go on as it was in snapshot `key`. */
export async function resume(machine: Machine, key: string): Promise<void> {
  const folder = snapshotFolder(key);
  await takeDisks(machine, folder);
  await copyFile(join(folder, "seed.tar"), machine.path("seed.tar"));
  await machine.powerOn({ resumeFrom: join(folder, "memory") });
  await machine.control(async (qmp) => {
    await qmp.run("migrate-incoming", { uri: `exec:cat ${quote(join(folder, "memory"))}` });
    await migrated(machine, qmp, "waking up");
    await qmp.run("cont");
  });
  await machine.waitForSsh();
  await setClock(machine);
  await touch(key);
}

/**
 * Boots another machine with the disks of snapshot `key`, as they were found after a power cut: all that was installed
 * is there, but name, keys and hardware are this machine's own.
 */
export async function bootCopy(machine: Machine, key: string): Promise<void> {
  await takeDisks(machine, snapshotFolder(key));
  await writeSeed(machine.name, machine.path("seed.tar"));
  await machine.powerOn({ isCopy: true });
  await machine.waitForSsh();
  await touch(key);
}

async function takeDisks(machine: Machine, folder: string): Promise<void> {
  await machine.powerCut();
  for (const disk of machine.disks) {
    await rm(disk, { force: true });
    await overlay(join(folder, basename(disk)), disk);
  }
}

async function sleep(machine: Machine, file: string): Promise<void> {
  await machine.sh("sync");
  await machine.control(async (qmp) => {
    await qmp.run("stop");
    await qmp.run("migrate-set-parameters", { "max-bandwidth": 10_000_000_000 });
    await qmp.run("migrate", { uri: `exec:cat > ${quote(file)}` });
    await migrated(machine, qmp, "falling asleep");
    await qmp.run("quit").catch(() => undefined); // it may be gone before it answers
  });
  await machine.until(async () => !(await machine.isRunning()), { what: "QEMU ending", limit: 30 });
}

/** A machine's state is where it was sent: `what` the machine does meanwhile. */
async function migrated(machine: Machine, qmp: Qmp, what: string): Promise<void> {
  const look = async (): Promise<boolean> => {
    const { status } = (await qmp.run("query-migrate")) as { status?: string };
    if (status === "failed")
      throw new Error(`${machine.name}: ${what} failed, see ${machine.path("qemu.log")}`);
    return status === "completed";
  };
  await machine.until(look, { what, limit: 120, every: 100 });
}

/** A machine that slept has the time at which it fell asleep. */
async function setClock(machine: Machine): Promise<void> {
  await machine.sh(`date -s @${(Date.now() / 1000).toFixed(2)} >/dev/null`);
}

async function move(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch {
    await copyFile(from, to); // another file system
    await rm(from);
  }
}
