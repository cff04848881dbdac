import { createHash } from "node:crypto";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { cacheFolder } from "../offline/paths";
import type { RunResult } from "../offline/process";
import { exists } from "./files";
import { image, type Image, type Variant } from "./image";
import { makeDisks } from "./disks";
import { hostKeys, loginKeys } from "./keys";
import { endProcess, isAlive, runningPid, startProcess } from "./process";
import { toStderr, waitFor, type Say, type Waiting } from "./progress";
import { qemuArguments, type Forward, type Hardware } from "./qemu";
import { Qmp } from "./qmp";
import { identityOf } from "./seed";
import { closeConnection, shareConnection, ssh, type SshTarget } from "./ssh";

/** MiB of memory of every machine. */
const MEMORY = 1536;

export interface MachineOptions {
  /** Host name; the machine's id, keys and MAC address follow from it. */
  readonly name: string;
  /** Folder for the machine's disks and console; made if missing. */
  readonly folder: string;
  /** Port of 127.0.0.1 that leads to the machine's sshd. */
  readonly port: number;
  /** Where that is inside the machine. Default 22, where sshd listens at first. */
  readonly sshPort?: number;
  readonly variant?: Variant;
  /** More ports that lead into the machine. */
  readonly forwards?: readonly Forward[];
  /** Sizes of further, empty disks in MiB: /dev/vdd, /dev/vde, … */
  readonly extraDisks?: readonly number[];
  /** Keeps running after this process ended. */
  readonly outlives?: boolean;
  /** Receives progress; stderr by default. */
  readonly say?: Say;
}

/** Seconds to wait for a machine that boots, which takes 20 to 60 where nothing else runs. */
const BOOT_LIMIT = 300;

/** One emulated machine. Everything that it writes is in its folder. */
export class Machine {
  readonly name: string;
  readonly folder: string;
  readonly port: number;
  readonly host = "127.0.0.1";
  private readonly progress: Say;

  private constructor(
    readonly options: MachineOptions,
    readonly image: Image,
    /** Type and base64 text of the machine's ed25519 host key. */
    readonly hostKey: string,
    /** Private key that every account of the machine lets in. */
    readonly privateKeyFile: string,
    readonly publicKey: string,
  ) {
    this.name = options.name;
    this.folder = options.folder;
    this.port = options.port;
    this.progress = options.say ?? toStderr;
  }

  /** The machine as an object; nothing is started, and its disks are made when it first boots. */
  static async of(options: MachineOptions): Promise<Machine> {
    const [guest, login, host] = await Promise.all([
      image(options.variant, options.say),
      loginKeys(),
      hostKeys(options.name),
    ]);
    await mkdir(options.folder, { recursive: true });
    const machine = new Machine(options, guest, host.publicKey, login.file, login.publicKey);
    await writeFile(machine.path("known_hosts"), `${options.name} ${host.publicKey}\n`);
    return machine;
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  /** Disk files in the order of the guest's device names, without the seed. */
  get disks(): string[] {
    const extra = (this.options.extraDisks ?? []).map((_, index) => `extra-${index}.qcow2`);
    return ["disk.qcow2", "swap.qcow2", ...extra].map((name) => this.path(name));
  }

  say(line: string): void {
    this.progress(`${this.name}: ${line}`);
  }

  /** Waits for something of this machine's. */
  until<T>(look: () => Promise<T | false | undefined>, { what, ...more }: Omit<Waiting, "say">): Promise<T> {
    return waitFor(look, { ...more, what: `${this.name}: ${what}`, say: this.progress });
  }

  /** Is QEMU running for this machine? */
  async isRunning(): Promise<boolean> {
    return (await this.pid()) !== undefined;
  }

  /** Switches the machine on, with new disks at the first time, and waits until it lets SSH in. */
  async boot(): Promise<void> {
    if (!(await exists(this.path("disk.qcow2")))) await makeDisks(this);
    await this.powerOn();
    await this.waitForSsh();
  }

  /** Starts QEMU, which boots the machine or, with `resumeFrom`, waits for a saved state. */
  async powerOn(how: Pick<Hardware, "resumeFrom" | "isCopy"> = {}): Promise<void> {
    if (await this.isRunning()) throw new Error(`${this.name} is running already`);
    const args = qemuArguments({
      image: this.image,
      identity: identityOf(this.name),
      memory: MEMORY,
      forwards: [{ host: this.port, guest: this.options.sshPort ?? 22 }, ...(this.options.forwards ?? [])],
      disks: this.disks,
      seed: this.path("seed.tar"),
      controlSocket: this.controlSocket("qmp"),
      console: this.path("console.log"),
      ...how,
    });
    await mkdir(join(cacheFolder(), "run"), { recursive: true, mode: 0o700 });
    await rm(this.controlSocket("qmp"), { force: true });
    const start = {
      log: this.path("qemu.log"),
      pidFile: this.path("pid"),
      outlives: this.options.outlives ?? false,
    };
    await startProcess({ program: "qemu-system-x86_64", args, ...start });
  }

  /** Waits until a command over SSH works, and says how long it has been waiting. */
  async waitForSsh(): Promise<void> {
    const look = async (): Promise<boolean> => {
      if (!(await this.isRunning())) throw new Error(`${this.name}: QEMU ended: ${await this.lastWords()}`);
      return (await ssh(this.target("root"), "true").catch(() => undefined))?.code === 0;
    };
    await this.until(look, { what: "waiting for SSH", limit: BOOT_LIMIT, every: 500 });
    await shareConnection(this.target("root", true));
  }

  /** Runs a command in the account's shell, or a script with `sh` on it; any exit code is a result. */
  exec(
    command: string,
    options: { readonly user?: string; readonly input?: string; readonly timeout?: number } = {},
  ): Promise<RunResult> {
    const { user = "root", ...rest } = options;
    return ssh(this.target(user, user === "root"), command, rest);
  }

  /**
   * Runs a script as root with `sh` and returns its stdout.
   *
   * @throws Error with its stderr when it ends with another code than 0.
   */
  async sh(script: string): Promise<string> {
    const { code, stdout, stderr } = await this.exec("sh -s", { input: script });
    if (code !== 0)
      throw new Error(`${this.name}: a script ended with ${code}: ${stderr}${stdout}\n${script}`);
    return stdout;
  }

  /** Shuts the machine down as its power button does, and waits until it is off. */
  async shutdown(): Promise<void> {
    const pid = await this.pid();
    if (pid === undefined) return;
    await this.control((qmp) => qmp.run("system_powerdown"));
    await closeConnection(this.target("root", true));
    await this.until(async () => !(await isAlive(pid)), { what: "shutting down", limit: 120 });
  }

  /** Pulls the plug: what the machine had not written is lost. */
  async powerCut(): Promise<void> {
    await closeConnection(this.target("root", true));
    const told = { what: `${this.name}: QEMU`, say: this.progress };
    await endProcess(this.path("pid"), this.controlSocket("qmp"), told);
  }

  /** Shuts it down and boots it again. */
  async reboot(): Promise<void> {
    await this.shutdown();
    await this.powerOn();
    await this.waitForSsh();
  }

  /** Switches it off at once and forgets everything about it. */
  async remove(): Promise<void> {
    await this.powerCut();
    await rm(this.controlSocket("qmp"), { force: true });
    await rm(this.folder, { recursive: true, force: true });
  }

  /** Talks to the running QEMU. */
  async control<T>(work: (qmp: Qmp) => Promise<T>): Promise<T> {
    const open = (): Promise<Qmp | undefined> => Qmp.open(this.controlSocket("qmp")).catch(() => undefined);
    const qmp = await this.until(open, { what: "waiting for QEMU", limit: 30 });
    try {
      return await work(qmp);
    } finally {
      qmp.close();
    }
  }

  /** How to log in with plain ssh. */
  target(user = "root", shared = false): SshTarget {
    return {
      port: this.port,
      user,
      privateKeyFile: this.privateKeyFile,
      knownHostsFile: this.path("known_hosts"),
      alias: this.name,
      ...(shared ? { control: this.controlSocket("ssh") } : {}),
    };
  }

  private pid(): Promise<number | undefined> {
    return runningPid(this.path("pid"), this.controlSocket("qmp"));
  }

  /** Socket names have to be short: the kernel allows 107 characters of path. */
  private controlSocket(kind: "qmp" | "ssh"): string {
    const hash = createHash("sha256").update(this.folder).digest("hex").slice(0, 12);
    return join(cacheFolder(), "run", `${hash}.${kind}`);
  }

  private async lastWords(): Promise<string> {
    const log = await readFile(this.path("qemu.log"), "utf8").catch(() => "");
    return log.trim().split("\n").slice(-3).join("; ") || `nothing said, see ${this.path("console.log")}`;
  }
}
