import { rm } from "node:fs/promises";
import { must } from "../offline/process";
import type { Machine } from "./machine";
import { writeSeed } from "./seed";

/** MiB of swap on the second disk. */
const SWAP = 256;

/** Makes the disks of a machine that never ran. */
export async function makeDisks(machine: Machine): Promise<void> {
  const [root = "", swap = "", ...others] = machine.disks;
  const raw = machine.path("swap.raw");
  await must("truncate", ["-s", `${SWAP}M`, raw]);
  await must("mkswap", [raw]);
  await must("qemu-img", ["convert", "-O", "qcow2", raw, swap]);
  await rm(raw);
  for (const [index, size] of (machine.options.extraDisks ?? []).entries())
    await must("qemu-img", ["create", "-q", "-f", "qcow2", others[index] ?? "", `${size}M`]);
  await writeSeed(machine.name, machine.path("seed.tar"));
  await overlay(machine.image.disk, root);
}

/** A disk that holds only what differs from `base`. */
export async function overlay(base: string, disk: string): Promise<void> {
  await must("qemu-img", ["create", "-q", "-f", "qcow2", "-b", base, "-F", "qcow2", disk]);
}
