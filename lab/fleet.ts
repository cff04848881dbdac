import { chmod, copyFile, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ROOT } from "../offline/paths";
import { loginKeys } from "./keys";
import { Machine } from "./machine";
import type { Say } from "./progress";

/** Everything that the lab writes into the clone is in here; git ignores it. */
export const LAB = join(ROOT, ".lab");

/** The lab's machines and the ports at which `Pulumi.dev.yaml` expects them. */
export const ports: Readonly<Record<string, number>> = { "node-0": 2210, "node-1": 2211 };

/** The lab's machines as objects; nothing is started. They keep running when this process ends. */
export async function fleet(say: Say): Promise<Machine[]> {
  const machines = [];
  for (const [name, port] of Object.entries(ports))
    machines.push(await Machine.of({ name, port, folder: join(LAB, "machines", name), outlives: true, say }));
  await writeKeys(machines);
  return machines;
}

/** Switches on what is off, both at a time. */
export async function bootAll(machines: readonly Machine[]): Promise<void> {
  await Promise.all(
    machines.map(async (machine) => {
      if (await machine.isRunning()) return machine.waitForSsh();
      machine.say("booting");
      await machine.boot();
      machine.say("is up");
    }),
  );
}

/** Shuts all machines down; they keep their disks. */
export async function shutdownAll(machines: readonly Machine[]): Promise<void> {
  await Promise.all(
    machines.map(async (machine) => {
      if (!(await machine.isRunning())) return;
      machine.say("shutting down");
      await machine.shutdown();
    }),
  );
}

/** Switches all machines off and deletes everything that the lab keeps in the clone. */
export async function forgetAll(machines: readonly Machine[]): Promise<void> {
  for (const machine of machines) await machine.remove();
  await rm(LAB, { recursive: true, force: true });
}

/** The files that `Pulumi.dev.yaml` names. */
async function writeKeys(machines: readonly Machine[]): Promise<void> {
  await mkdir(LAB, { recursive: true });
  const key = join(LAB, "id_ed25519");
  await copyFile((await loginKeys()).file, key);
  await chmod(key, 0o600);
  await writeFile(join(LAB, "known_hosts"), machines.map(knownHost).join(""));
}

/** A machine's line in known_hosts. */
export const knownHost = (machine: Pick<Machine, "host" | "port" | "hostKey">): string =>
  `[${machine.host}]:${machine.port} ${machine.hostKey}\n`;
