import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { cacheFolder } from "../offline/paths";
import { must } from "../offline/process";
import { once } from "./files";

/*
 * The lab's own keys, made once and kept in the cache: the pair that logs in, and each machine's host keys. They are
 * made here and handed to the machine at its first boot, so that a host key is known before anybody dials.
 */

export interface KeyPair {
  /** Path of the private key. */
  readonly file: string;
  /** Type and base64 text, without a comment. */
  readonly publicKey: string;
}

/** The pair that every account of a lab machine lets in. */
export async function loginKeys(): Promise<KeyPair> {
  const folder = join(cacheFolder(), "keys", "login");
  await once(folder, (temporary) =>
    must("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "lab", "-f", join(temporary, "id_ed25519")]),
  );
  return keyPair(join(folder, "id_ed25519"));
}

/** The folder of the host keys of the machine of this name (`ssh_host_*_key`), of all the types that sshd makes. */
export async function hostKeys(name: string): Promise<{ folder: string; publicKey: string }> {
  const place = join(cacheFolder(), "keys", `host-${name}`);
  await once(place, async (temporary) => {
    await mkdir(join(temporary, "etc", "ssh"), { recursive: true });
    await must("ssh-keygen", ["-q", "-A", "-f", temporary]);
  });
  const folder = join(place, "etc", "ssh");
  return { folder, publicKey: (await keyPair(join(folder, "ssh_host_ed25519_key"))).publicKey };
}

async function keyPair(file: string): Promise<KeyPair> {
  const [type = "", text = ""] = (await readFile(`${file}.pub`, "utf8")).split(" ");
  return { file, publicKey: `${type} ${text.trim()}` };
}
