import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Properties } from "../../../offline/command-provider/properties";
import { Plugin } from "./plugin";
import type { Provider } from "./providers";
import { makeKey, read, startSshd, type Sshd } from "./sshd";

/** A provider, a machine that it can log in to, and a folder for what the commands leave behind. */
export class World {
  private constructor(
    readonly folder: string,
    readonly keyFile: string,
    readonly sshd: Sshd,
    readonly plugin: Plugin,
  ) {}

  static async open(provider: Provider): Promise<World> {
    const folder = mkdtempSync(join(tmpdir(), "nodeprep-conformance-"));
    const key = makeKey(folder, "key");
    const sshd = await startSshd(join(folder, "sshd"), [key]);
    return new World(folder, key, sshd, await Plugin.start(provider.executable));
  }

  /** How to log in to the machine; by key, its host key known, and failing at once. */
  connection(changes: Properties = {}): Properties {
    return {
      host: "127.0.0.1",
      port: this.sshd.port,
      user: this.sshd.user,
      privateKey: read(this.keyFile),
      hostKey: this.sshd.hostKeys.ed25519,
      dialErrorLimit: 0,
      ...changes,
    };
  }

  /** The same without the properties named. */
  connectionWithout(names: readonly string[], changes: Properties = {}): Properties {
    const all = Object.entries(this.connection(changes));
    return Object.fromEntries(all.filter(([name]) => !names.includes(name)));
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  async close(): Promise<void> {
    await this.plugin.stop();
    await this.sshd.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
