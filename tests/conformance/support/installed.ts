import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../../../offline/paths";

/**
 * Packs nodeprep and unpacks it as a package of the program in `folder`, beside the packages that it needs: what
 * `npm install` of the packed file, or of the repository, leaves there.
 */
export function installNodeprep(folder: string): void {
  const packages = join(folder, "node_modules");
  const own = join(packages, "nodeprep");
  mkdirSync(own, { recursive: true });
  const words = ["pack", "--silent", "--offline", "--pack-destination", folder];
  const file = execFileSync("npm", words, { cwd: ROOT, encoding: "utf8" }).trim();
  execFileSync("tar", ["-xzf", join(folder, file), "--strip-components=1", "-C", own]);
  const theirs = join(ROOT, "node_modules");
  for (const name of readdirSync(theirs)) symlinkSync(join(theirs, name), join(packages, name));
}
