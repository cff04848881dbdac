import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeRequirements, type Requirement } from "../../plan/requirement";
import { factsScript, observeScript, toolkitScript } from "../../toolkit/script";
import { describeBeside, endProcessesBeside } from "./sandbox-processes";

// A test takes about a second, and many times that on a machine that runs lab machines beside it: whoever asks the disk
// to be written may wait for all that they write.
jest.setTimeout(300_000);

/** How long a command in a sandbox may take. */
interface Limits {
  /** Seconds until it ends: then it is said why, before jest ends the test without a word. */
  readonly command: number;
  /** Seconds after that in which its output must end, too: another process may hold it. */
  readonly output: number;
}

/** The shells that the toolkit must run under. */
export const shells = ["dash", "bash", "busybox"] as const;
export type Shell = (typeof shells)[number];
/** How each is called. */
export const shellWords: Readonly<Record<Shell, readonly string[]>> = {
  dash: ["dash"],
  bash: ["bash"],
  busybox: ["busybox", "ash"],
};

/** What a command left behind. */
export interface Result {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** One line of the toolkit's observe: what does not hold (`differs`), or holds without being on record. */
export interface Observed {
  readonly state: "differs" | "unrecorded";
  readonly name: string;
  readonly phrase: string;
}

const owner = "org/project/stack/node";

/** What each verb runs: a survey's two come with no more than they need. */
const scripts = { facts: factsScript, observe: observeScript, toolkit: toolkitScript } as const;
const scriptName = (verb = ""): string => `${verb in scripts ? verb : "toolkit"}-under-test.sh`;
const scriptPath = (verb = ""): string => `/run/${scriptName(verb)}`;

/** Where every sandbox of a suite takes them from. */
const scriptFolder = mkdtempSync(join(tmpdir(), "nodeprep-sandbox-"));
beforeAll(() => {
  for (const [verb, script] of Object.entries(scripts))
    writeFileSync(join(scriptFolder, scriptName(verb)), script().text);
});
afterAll(() => rmSync(scriptFolder, { recursive: true, force: true }));

const folders = ["etc", "home", "opt", "root", "srv", "usr", "var"];

/*
 * What is written there stays in memory and goes with the sandbox. /run and /tmp are empty, so no service manager
 * answers. Of the kernel's settings only those of the sandbox's own network can be written. Debian's rpm starts a bash,
 * which takes stdin for a network's and runs /root/.bashrc: whatever the machine's owner has there, which may wait.
 */
const setup = `
set -e
mount --make-rprivate /
mount -t tmpfs tmpfs /mnt
mkdir -p ${folders.flatMap((name) => [`/mnt/${name}/upper`, `/mnt/${name}/work`]).join(" ")}
for d in ${folders.join(" ")}; do
  chmod --reference="/$d" "/mnt/$d/upper"
  mount -t overlay overlay -o "lowerdir=/$d,upperdir=/mnt/$d/upper,workdir=/mnt/$d/work" "/$d"
done
mount -t tmpfs -o mode=755 tmpfs /run
cp ${scriptFolder}/* /run
mount -t tmpfs -o mode=1777 tmpfs /tmp
mount --bind /proc/sys /proc/sys
mount -o remount,bind,ro /proc/sys
mount --bind /proc/sys/net /proc/sys/net
mount -o remount,bind,rw /proc/sys/net
mount -o remount,bind,ro /sys
ip link set lo up 2>/dev/null || :
rm -rf /var/lib/nodeprep /usr/local/lib/nodeprep /root/.bashrc
echo ready
exec cat >/dev/null
`;

/** A throw-away view of this machine in which the toolkit may change files as root. Needs root on Linux. */
export class Sandbox {
  /** What still runs when the sandbox is closed is ended, and that is nobody's error. */
  private isClosed = false;
  /** Commands that were started and have not ended. They become processes of the sandbox only when they enter it. */
  private readonly commands = new Set<ChildProcess>();

  private constructor(
    private readonly holder: ChildProcess,
    private readonly limits: Limits,
  ) {}

  static async open(limits: Limits = { command: 240, output: 60 }): Promise<Sandbox> {
    const holder = spawn("unshare", ["--mount", "--net", "--uts", "--ipc", "sh", "-c", setup], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    const ready = await Promise.race([
      once(holder.stdout, "data"),
      once(holder, "exit").then(() => undefined),
    ]);
    if (ready === undefined)
      throw new Error("cannot make a sandbox: that takes root on Linux, with overlayfs");
    return new Sandbox(holder, limits);
  }

  /** Ends the sandbox and what still runs in it; what was written in it is gone. */
  async close(): Promise<void> {
    this.isClosed = true;
    for (const command of this.commands) command.kill("SIGKILL");
    if (this.holder.pid !== undefined) endProcessesBeside(this.holder.pid);
    this.holder.stdin?.end();
    if (this.holder.exitCode === null && this.holder.signalCode === null) await once(this.holder, "exit");
  }

  /** Starts a program of this machine in the sandbox's network, as if it ran on another machine there. */
  neighbour(words: readonly string[]): ChildProcess {
    const network = ["--target", String(this.holder.pid), "--net", "--", ...words];
    return spawn("nsenter", network, { stdio: ["ignore", "pipe", "inherit"] });
  }

  /** Runs a script and gives back its output; a script that fails is an error. */
  async sh(script: string, input = ""): Promise<string> {
    const result = await this.enter(["sh", "-c", script], input);
    if (result.code !== 0 && !this.isClosed)
      throw new Error(`${script}\nended with ${String(result.code)}: ${result.stderr}`);
    return result.stdout;
  }

  /**
   * Runs the toolkit with these words; it cannot touch the machine's swap, modules or clock, nor mounts, unless
   * `mayMount`: those are the sandbox's own.
   */
  toolkit(
    shell: Shell,
    words: readonly string[],
    input = "",
    options: { readonly ownSession?: boolean; readonly mayMount?: boolean } = {},
  ): Promise<Result> {
    const admin = options.mayMount ? "" : "-sys_admin,";
    const confined = ["setpriv", `--bounding-set=${admin}-sys_module,-sys_time,-sys_boot`];
    const session = options.ownSession ? ["setsid", "--wait"] : [];
    return this.enter([...session, ...confined, ...shellWords[shell], scriptPath(words[0]), ...words], input);
  }

  /** What the toolkit sees of these requirements, as stage `test`. It must read all of them. */
  async observe(shell: Shell, requirements: readonly Requirement[]): Promise<Observed[]> {
    const result = await this.toolkit(shell, ["observe", "--as", owner], stageText(requirements));
    const lines = result.stdout.split("\n").map((line) => line.split("\t"));
    if (
      !lines.some(([tag, count]) => tag === "end" && count === String(requirements.length)) ||
      result.stderr !== ""
    )
      throw new Error(`observe did not get to its end: ${result.stdout}${result.stderr}`);
    return lines.flatMap(([state, , name, phrase]) =>
      (state === "differs" || state === "unrecorded") && name !== undefined && phrase !== undefined
        ? [{ state, name, phrase }]
        : [],
    );
  }

  /** Applies these requirements as stage `test`. */
  apply(shell: Shell, requirements: readonly Requirement[]): Promise<Result> {
    return this.toolkit(shell, ["apply", "test", "--as", owner], encodeRequirements(requirements));
  }

  /** Applies them in a run that is killed before a command of /usr/bin: its nth call, or that with these arguments (a pattern). */
  async applyCutOff(
    shell: Shell,
    requirements: readonly Requirement[],
    command: string,
    at: number | string,
  ): Promise<void> {
    const there = `/usr/local/sbin/${command}`;
    const now =
      typeof at === "number"
        ? `[ $(wc -l </run/calls) -eq ${at} ]`
        : `case "$*" in ${at}) ;; *) false ;; esac`;
    await this.sh(
      `cat >${there}; chmod +x ${there}`,
      `#!/bin/sh\necho >>/run/calls\nif ${now}; then kill -9 $PPID; exit; fi\nexec /usr/bin/${command} "$@"\n`,
    );
    const { code, stderr } = await this.apply(shell, requirements);
    if (code === 0) throw new Error(`it was not cut off: ${stderr}`);
    await this.sh(`rm ${there} /run/calls`);
  }

  /** Undoes stage `test`. */
  undo(shell: Shell): Promise<Result> {
    return this.toolkit(shell, ["undo", "test", "--as", owner]);
  }

  private async enter(words: readonly string[], input: string): Promise<Result> {
    const namespaces = ["--mount", "--net", "--uts", "--ipc", "--wd=/"];
    const child = spawn("nsenter", ["--target", String(this.holder.pid), ...namespaces, "--", ...words], {
      // jest's copy, which a test may change
      env: process.env,
    });
    const output = { stdout: "", stderr: "" };
    child.stdout.setEncoding("utf8").on("data", (text: string) => (output.stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (output.stderr += text));
    // A command that ends without reading its input closes the pipe; that is no error here.
    child.stdin.on("error", () => undefined).end(input);
    await this.closed(child, () => `${words.join(" ").slice(-500)}\n${output.stdout}${output.stderr}`);
    return { code: child.exitCode, ...output };
  }

  /**
   * Until the command has ended, and its output, too.
   *
   * @throws Error with all that runs in the sandbox, where that takes too long
   */
  private async closed(child: ChildProcess, said: () => string): Promise<void> {
    let late: (error: Error) => void = () => undefined;
    const tooLate = new Promise<never>((_, reject) => (late = reject));
    const timers: NodeJS.Timeout[] = [];
    const atMost = (seconds: number, what: string): void => {
      const tell = (): void => {
        const running = describeBeside(this.holder.pid ?? 0);
        late(
          new Error(`${what} within ${seconds} s: ${said().slice(-3000)}\nIn the sandbox run:\n${running}`),
        );
      };
      timers.push(setTimeout(tell, seconds * 1000));
    };
    atMost(this.limits.command, "a command did not end");
    const ended = (): void => atMost(this.limits.output, "a command ended, and its output did not");
    this.commands.add(child);
    child.once("exit", ended);
    try {
      await Promise.race([once(child, "close"), tooLate]);
    } finally {
      this.commands.delete(child);
      child.off("exit", ended);
      timers.forEach(clearTimeout);
    }
  }
}

const stageText = (requirements: readonly Requirement[]): string =>
  `stage test\n${encodeRequirements(requirements)}`;
