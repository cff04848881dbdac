import { rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { during, toStderr } from "../../../lab/progress";
import { cacheFolder, executable } from "../../../offline/paths";
import { run } from "../../../offline/process";

/** The peers, as their registry has them. Ansible's package brings its core and the collections that the playbook uses. */
export const versions = { ansible: "12.3.0", pyinfra: "3.10.0" } as const;

/** Installs the peers into a virtual environment of the cache, once for these versions; returns its `bin`. */
export async function installPeers(): Promise<string> {
  const folder = join(cacheFolder(), `peers-ansible-${versions.ansible}-pyinfra-${versions.pyinfra}`);
  const bin = join(folder, "bin");
  if (await executable(join(folder, "complete"))) return bin;
  await rm(folder, { recursive: true, force: true });
  await must("python3", ["-m", "venv", folder]);
  const packages = [`ansible==${versions.ansible}`, `pyinfra==${versions.pyinfra}`];
  const pip = must(join(bin, "python"), ["-m", "pip", "install", "--quiet", ...packages]);
  await during(pip, () => `installing ${packages.join(" and ")}`, toStderr);
  await must("install", ["-m", "0755", "/dev/null", join(folder, "complete.new")]);
  await rename(join(folder, "complete.new"), join(folder, "complete"));
  return bin;
}

async function must(file: string, args: readonly string[]): Promise<void> {
  const { code, stderr } = await run(file, args);
  if (code !== 0) throw new Error(`${file} ${args.join(" ")} ended with ${code}:\n${stderr}`);
}
