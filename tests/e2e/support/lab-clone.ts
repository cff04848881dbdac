import { cp, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT } from "../../../offline/paths";
import { run, type RunResult } from "../../../offline/process";
import { labPort } from "./machine";

/** A copy of the program, which has a lab of its own. */
export interface LabClone {
  readonly folder: string;
  /** `npm run lab -- …` */
  run(...words: string[]): Promise<RunResult>;
  remove(): Promise<void>;
}

const folders = ["cli", "lab", "offline", "components", "config", "plan", "survey", "toolkit"];
const files = ["Pulumi.yaml", "Pulumi.dev.yaml", "index.ts", "package.json", "tsconfig.json"];
/** What names the ports of the lab's machines: they are others here, as somebody's lab may be running. */
const naming = ["Pulumi.dev.yaml", join("lab", "fleet.ts")];

/** Makes it; it has all files but those of tests and documents, and this clone's packages. */
export async function labClone(): Promise<LabClone> {
  const folder = await mkdtemp(join(tmpdir(), "nodeprep-clone-"));
  for (const name of [...folders, ...files])
    await cp(join(ROOT, name), join(folder, name), { recursive: true });
  await symlink(join(ROOT, "node_modules"), join(folder, "node_modules"));
  for (const name of naming) {
    const text = await readFile(join(folder, name), "utf8");
    const moved = text.replace(/\b221(\d)\b/g, (_, last: string) => String(labPort + Number(last)));
    await writeFile(join(folder, name), moved);
  }
  return {
    folder,
    run: (...words) =>
      run("npm", ["run", "--silent", "lab", "--", ...words], { cwd: folder, env: process.env }),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
