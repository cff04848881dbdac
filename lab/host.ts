import { isAbsolute } from "node:path";
import { run } from "../offline/process";
import { onPath } from "../offline/paths";
import { exists } from "./files";
import { toStderr, type Say } from "./progress";

/** Programs that the lab starts and files that it reads, and the Debian packages that bring them. */
const programs: Readonly<Record<string, string>> = {
  "qemu-system-x86_64": "qemu-system-x86",
  "qemu-img": "qemu-utils",
  mmdebstrap: "mmdebstrap",
  mke2fs: "e2fsprogs",
  "ssh-keygen": "openssh-client",
  ssh: "openssh-client",
  mkswap: "util-linux",
  setpriv: "util-linux",
  tar: "tar",
  // mmdebstrap checks signatures with them
  gpg: "gpg",
  "/usr/share/keyrings/debian-archive-keyring.gpg": "debian-archive-keyring",
};

export interface HostOptions {
  readonly say?: Say;
  /** Programs needed besides the lab's own, with the packages that bring them. */
  readonly also?: Readonly<Record<string, string>>;
}

/**
 * Makes this machine able to run the lab: installs missing packages with apt-get and says which. Returns in words
 * what is still missing afterwards; nothing when the lab can run.
 */
export async function prepareHost(options: HostOptions = {}): Promise<string[]> {
  const say = options.say ?? toStderr;
  const impossible = unsuited();
  if (impossible.length > 0) return impossible;
  const wanted = { ...programs, ...options.also };
  const absent = await missingPackages(wanted);
  if (absent.length === 0) return [];
  const failure = await install(absent, say);
  const left = await missingPackages(wanted);
  return left.map((name) => `package ${name} cannot be installed${failure ? `: ${failure}` : ""}`);
}

/** Installs what is missing of these programs; returns the packages that stay missing. */
export async function preparePrograms(
  wanted: Readonly<Record<string, string>>,
  say: Say = toStderr,
): Promise<string[]> {
  const absent = await missingPackages(wanted);
  if (absent.length > 0 && unsuited().length === 0) await install(absent, say);
  return missingPackages(wanted);
}

function unsuited(): string[] {
  const found: string[] = [];
  if (process.platform !== "linux") found.push(`this system is ${process.platform}, the lab needs Linux`);
  if (process.arch !== "x64") found.push(`this machine is ${process.arch}, the lab's guests are x86-64`);
  if (process.getuid?.() !== 0)
    found.push("the lab builds its guest image as root, and this user is another");
  return found;
}

async function missingPackages(wanted: Readonly<Record<string, string>>): Promise<string[]> {
  const env = { PATH: `${process.env["PATH"] ?? ""}:/usr/sbin:/sbin` };
  const missing = new Set<string>();
  for (const [program, name] of Object.entries(wanted)) {
    const found = isAbsolute(program) ? await exists(program) : (await onPath(program, env)).length > 0;
    if (!found) missing.add(name);
  }
  return [...missing].sort();
}

/** Returns why it did not work, and nothing when it did. */
async function install(packages: readonly string[], say: Say): Promise<string | undefined> {
  if ((await onPath("apt-get")).length === 0) return "there is no apt-get here";
  say(`installing with apt-get: ${packages.join(" ")}`);
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const update = await run("apt-get", ["update", "-q"], { env });
  const result = await run("apt-get", ["install", "-q", "-y", "--no-install-recommends", ...packages], {
    env,
  });
  if (result.code === 0) return undefined;
  return `${update.code === 0 ? "" : update.stderr}${result.stderr}`.trim().split("\n").at(-1);
}
