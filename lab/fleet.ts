import { chmod, copyFile, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ROOT } from "../offline/paths";
import { hostKeys, loginKeys } from "./keys";
import { Machine } from "./machine";
import type { Say } from "./progress";

/** Everything that the lab writes into the clone is in here; git ignores it. */
export const LAB = join(ROOT, ".lab");

/** Ports of 127.0.0.1 that lead to a machine. */
interface Ports {
  readonly ssh: number;
  readonly kubelet?: number;
}

/** The machines of the `dev` stack, at the ports where `Pulumi.dev.yaml` expects them. */
export const devMachines: Readonly<Record<string, Ports>> = {
  "node-0": { ssh: 2210 },
  "node-1": { ssh: 2211 },
};

/** The workers of `npm run lab -- cluster`. */
export const workers: Readonly<Record<string, Ports>> = {
  "worker-0": { ssh: 2212, kubelet: 2214 },
  "worker-1": { ssh: 2213, kubelet: 2215 },
};

/** Port of that cluster's API server; its etcd has the next two. */
export const PLANE_PORT = 2216;

/** Machines of the lab as objects, all of them by default; nothing is started. They outlive this process. */
export async function fleet(say: Say, which = { ...devMachines, ...workers }): Promise<Machine[]> {
  await writeKeys();
  const machines: Machine[] = [];
  for (const [name, { ssh, kubelet }] of Object.entries(which)) {
    const forwards = kubelet === undefined ? [] : [{ host: kubelet, guest: 10250 }];
    const folder = join(LAB, "machines", name);
    machines.push(await Machine.of({ name, port: ssh, folder, forwards, outlives: true, say }));
  }
  return machines;
}

/** Switches on what is off, all at a time. */
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

/** The files that the stacks' configurations name. */
async function writeKeys(): Promise<void> {
  await mkdir(LAB, { recursive: true });
  const key = join(LAB, "id_ed25519");
  await copyFile((await loginKeys()).file, key);
  await chmod(key, 0o600);
  const lines = Object.entries({ ...devMachines, ...workers }).map(async ([name, { ssh }]) =>
    knownHost({ host: "127.0.0.1", port: ssh, hostKey: (await hostKeys(name)).publicKey }),
  );
  await writeFile(join(LAB, "known_hosts"), (await Promise.all(lines)).join(""));
}

/** A machine's line in known_hosts. */
export const knownHost = (machine: Pick<Machine, "host" | "port" | "hostKey">): string =>
  `[${machine.host}]:${machine.port} ${machine.hostKey}\n`;
