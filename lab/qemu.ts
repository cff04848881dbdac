import type { Image } from "./image";
import type { Identity } from "./seed";

/** A port of this machine (127.0.0.1) that leads to one of the guest. */
export interface Forward {
  readonly host: number;
  readonly guest: number;
}

export interface Hardware {
  readonly image: Image;
  readonly identity: Identity;
  /** MiB. */
  readonly memory: number;
  readonly forwards: readonly Forward[];
  /** Disk files in QEMU's format qcow2, in the order of /dev/vda, /dev/vdb, … */
  readonly disks: readonly string[];
  /** The disk with the machine's name and keys, /dev/vdc. */
  readonly seed: string;
  readonly controlSocket: string;
  readonly console: string;
  /** Where a machine's saved state is read from instead of booting. */
  readonly resumeFrom?: string;
  /** It takes name and keys from its seed, although its disk is that of a machine that has. */
  readonly isCopy?: boolean;
}

/**
 * The kernel counts timer ticks while it boots, and panics ("IO-APIC + timer doesn't work!") when a busy host delivers
 * too few of them in that time. The emulated timer does work, so the kernel need not test it.
 */
const TIMER = "no_timer_check";

/**
 * QEMU translates a program's code once for each address at which it runs: with addresses that are random, at every
 * start of every command. Where they are not, a shell script takes a quarter of the time; and memory that is not
 * cleared twice saves a tenth of what is left.
 */
const FAST = "norandmaps init_on_alloc=0";

/**
 * All that QEMU can emulate but "enhanced" REP MOVSB and STOSB, which it emulates byte by byte: a kernel that sees them
 * clears and copies its pages so. Without them packages install in 94 % of the time.
 */
export const processor = "max,erms=off";

/** What every machine's kernel is told besides what its image needs. */
export const kernelOptions = `${TIMER} ${FAST}`;

/** Runs before systemd, in its place. */
const FORGET = 'init=/bin/sh -- -c "rm -f /var/lib/lab-seeded; exec /sbin/init"';

/**
 * QEMU's arguments for a machine. Emulated, not virtualised: slower, but the same wherever it runs, inside other
 * virtual machines too. `cache=unsafe` is safe against a guest's crash, and no lab machine outlives its host's.
 */
export function qemuArguments(hardware: Hardware): string[] {
  const { image, identity } = hardware;
  const [root = "", swap = "", ...others] = hardware.disks;
  const drive = (file: string, format: string): string[] => [
    "-drive",
    `file=${escape(file)},format=${format},if=virtio,cache=unsafe`,
  ];
  const ports = hardware.forwards
    .map(({ host, guest }) => `,hostfwd=tcp:127.0.0.1:${host}-:${guest}`)
    .join("");
  return [
    ...["-accel", "tcg,thread=multi", "-cpu", processor, "-smp", "1", "-m", String(hardware.memory)],
    ...["-display", "none", "-monitor", "none", "-serial", `file:${hardware.console}`],
    ...["-qmp", `unix:${escape(hardware.controlSocket)},server=on,wait=off`],
    ...["-uuid", identity.uuid, "-name", identity.name],
    ...["-kernel", image.kernel, "-initrd", image.initrd],
    ...["-append", kernelWords(hardware)],
    ...[...drive(root, "qcow2"), ...drive(swap, "qcow2"), ...drive(hardware.seed, "raw")],
    ...others.flatMap((file) => drive(file, "qcow2")),
    ...["-device", "virtio-rng-pci", "-nic", `user,model=virtio,mac=${identity.mac}${ports}`],
    ...(hardware.resumeFrom ? ["-incoming", "defer"] : []),
  ];
}

const kernelWords = ({ image, identity, isCopy = false }: Hardware): string =>
  [image.append, kernelOptions, `systemd.machine_id=${identity.machineId}`, ...(isCopy ? [FORGET] : [])].join(
    " ",
  );

/** QEMU reads a comma as the end of an option's value unless it is doubled. */
const escape = (path: string): string => path.replaceAll(",", ",,");
