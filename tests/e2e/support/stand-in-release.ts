import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sha256Of } from "../../../lab/files";
import { must } from "../../../offline/process";
import { criDockerd } from "../../support/stand-ins";

/** A release's file, for as long as a test needs it. */
export interface StandInRelease {
  readonly file: string;
  readonly sha256: string;
  readonly remove: () => Promise<void>;
}

/** The archive that cri-dockerd's project publishes, with a stand-in for the program. */
export async function criDockerdRelease(): Promise<StandInRelease> {
  const folder = await mkdtemp(join(tmpdir(), "nodeprep-release-"));
  const file = join(folder, "cri-dockerd.tgz");
  await mkdir(join(folder, "cri-dockerd"));
  await writeFile(join(folder, "cri-dockerd", "cri-dockerd"), criDockerd.files["/usr/bin/cri-dockerd"], {
    mode: 0o755,
  });
  await must("tar", ["-C", folder, "-czf", file, "cri-dockerd"]);
  const sha256 = await sha256Of(file);
  return { file, sha256, remove: () => rm(folder, { recursive: true, force: true }) };
}
