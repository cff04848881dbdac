import { existsSync } from "node:fs";
import { aptRepository, type Deb } from "../support/apt-repository";
import { Sandbox } from "./sandbox";

const folder = "/srv/nodeprep-repository";

/** A machine of apt that knows of no repository and no lists. */
export const noAptSources = "rm -rf /etc/apt/sources.list /etc/apt/sources.list.d/* /var/lib/apt/lists/*";

/** Tests that need apt and dpkg themselves. */
export const withApt = existsSync("/usr/bin/apt-get") ? describe : describe.skip;

/** A repository of packages that are built once, and served from a folder of each sandbox. */
export class AptRepository {
  private constructor(private readonly archive: string) {}

  static async build(debs: readonly Deb[]): Promise<AptRepository> {
    return new AptRepository(await aptRepository(debs));
  }

  /** A machine that knows of these packages. */
  async machine(): Promise<Sandbox> {
    const sandbox = await Sandbox.open();
    await this.serve(sandbox);
    return sandbox;
  }

  /** Makes these packages the only ones that apt knows of there, besides those installed; the lists are empty. */
  async serve(sandbox: Sandbox): Promise<void> {
    await sandbox.sh(`mkdir -p ${folder}; base64 -d | tar -C ${folder} -xz`, this.archive);
    await sandbox.sh(`${noAptSources}; echo 'deb [trusted=yes] file:${folder} ./' >/etc/apt/sources.list`);
  }
}
