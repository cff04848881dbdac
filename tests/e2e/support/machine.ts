import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Image, Variant } from "../../../lab/image";
import { Machine } from "../../../lab/machine";
import { hasSnapshot, resume, saveSnapshot } from "../../../lab/snapshot";
import { ssh } from "../../../lab/ssh";

/** A machine that a test may do anything to. */
export type TestMachine = Machine & {
  /** Logs in over a new connection, as a person does, and out again. */
  freshLogin(): Promise<void>;
  /** Switches it off for good. */
  stop(): Promise<void>;
};

/** The first port; each of jest's workers has its own, and so does whoever runs suites in two clones at once. */
const FIRST_PORT = Number(process.env["NODEPREP_E2E_PORT"] ?? 2290);
const port = FIRST_PORT + 20 * (Number(process.env["JEST_WORKER_ID"] ?? 1) - 1);

/** The machines of a test: the first has every suite, the second is for those that need another one beside it. */
const names = ["e2e", "e2e-1"] as const;

/** Ports of 127.0.0.1 that lead to the machines' kubelets, by their host names. */
export const kubeletPorts = { [names[0]]: port + 2, [names[1]]: port + 3 };

/** Ports of 127.0.0.1 from this one on are for a control plane. */
export const planePort = port + 4;

/** And from this one on, for the machines of a lab of its own. */
export const labPort = port + 12;

/** An object for a machine; nothing is started. */
export async function newMachine(
  variant: Variant = "base",
  sshPort = 22,
  index: 0 | 1 = 0,
): Promise<TestMachine> {
  const folder = await mkdtemp(join(tmpdir(), "nodeprep-machine-"));
  const name = names[index];
  const forwards = [{ host: kubeletPorts[name], guest: 10250 }];
  const machine = await Machine.of({ name, folder, port: port + index, variant, sshPort, forwards });
  return Object.assign(machine, {
    freshLogin: async () => {
      const { code, stderr } = await ssh(machine.target(), "true");
      if (code !== 0) throw new Error(`cannot log in: ${stderr}`);
    },
    stop: () => machine.remove(),
  });
}

/** The snapshot of a machine as its image has it. */
export const bareKey = (image: Image): string => `bare-${image.key}`;

/** A running machine as its image has it. It booted once, long ago; every test goes on from there. */
export async function bareMachine(variant: Variant = "base"): Promise<TestMachine> {
  const machine = await newMachine(variant);
  return orRemoved(machine, async () => {
    const key = bareKey(machine.image);
    if (await hasSnapshot(key)) return resume(machine, key);
    await machine.boot();
    // Whatever a machine does in its first minutes is done before it is looked at.
    await machine.sh("systemctl is-system-running --wait || [ $? -eq 1 ]");
    await saveSnapshot(machine, key);
  });
}

/** Starts a machine; one that does not come up must not hold the port of those after it. */
export async function orRemoved(machine: TestMachine, start: () => Promise<void>): Promise<TestMachine> {
  try {
    await start();
    return machine;
  } catch (error) {
    await machine.stop();
    throw error;
  }
}

/** The end of a suite, however far its beginning got. */
export async function leave(
  stack: { remove(): Promise<void> } | undefined,
  machine: TestMachine | undefined,
): Promise<void> {
  await stack?.remove();
  await machine?.stop();
}
