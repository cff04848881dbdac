import { createHash } from "node:crypto";
import { stringify, type TomlTable } from "smol-toml";
import { Secret } from "../../config/secret";
import type { RegistryMirror, RegistryMirrors } from "../../config/types";
import type { Facts } from "../../plan/facts";
import { directory, file } from "../../plan/files";
import type { Requirement } from "../../plan/requirement";
import { secretFile } from "../../plan/secrets";

/** Docker Hub's name is not that of its server. */
const servers: ReadonlyMap<string, string> = new Map([["docker.io", "https://registry-1.docker.io"]]);

/**
 * A `hosts.toml` for each registry that has mirrors, as containerd and others read it; the registry itself is asked
 * last. It is read at every pull: nothing is restarted. One with a password in it is a secret as a whole, for root alone.
 *
 * @param folder where they are, e.g. `/etc/containerd/certs.d`
 */
export const registryMirrors = (
  folder: string,
  mirrors: RegistryMirrors,
  { secretsKey }: Facts,
): readonly Requirement[] =>
  used(mirrors).flatMap(([registry, hosts]) => {
    const [path, text] = [`${folder}/${registry}/hosts.toml`, hostsToml(registry, hosts)];
    return [
      directory(`${folder}/${registry}`),
      hosts.some(hasCredentials)
        ? secretFile(path, { id: secretId(registry), text, key: secretsKey })
        : file(path, text),
    ];
  });

/** The secrets that its files are made of, by id, for stage node-secrets. */
export const mirrorSecrets = (mirrors: RegistryMirrors): Readonly<Record<string, Secret>> =>
  Object.fromEntries(
    used(mirrors)
      .filter(([, hosts]) => hosts.some(hasCredentials))
      .map(([registry, hosts]) => [secretId(registry), new Secret(hostsToml(registry, hosts))]),
  );

/** Registries that have mirrors. */
export const used = (mirrors: RegistryMirrors): readonly (readonly [string, readonly RegistryMirror[]])[] =>
  Object.entries(mirrors).filter(([, hosts]) => hosts.length > 0);

/** A mirror that asks who wants to know. */
export const hasCredentials = ({ credentials }: RegistryMirror): boolean => credentials !== undefined;

/** What HTTP Basic says of an account; empty for none. */
export const basic = ({ credentials }: RegistryMirror): string =>
  credentials === undefined
    ? ""
    : Buffer.from(`${credentials.username}:${credentials.password.reveal()}`).toString("base64");

/** A name that a person recognizes, and that no other registry has. */
const secretId = (registry: string): string => {
  const name = registry.toLowerCase().replace(/[^a-z0-9.]/g, "-");
  return `mirrors-${name.slice(0, 40)}-${createHash("sha256").update(registry).digest("hex").slice(0, 8)}`;
};

function hostsToml(registry: string, mirrors: readonly RegistryMirror[]): string {
  const host: TomlTable = Object.fromEntries(mirrors.map((mirror) => [mirror.url, hostTable(mirror)]));
  const table = { server: servers.get(registry) ?? `https://${registry}`, host };
  return `# Written by nodeprep.\n${stringify(table)}`;
}

/** There is no field for a password; a header is sent with every request. */
const hostTable = (mirror: RegistryMirror): TomlTable => ({
  capabilities: ["pull", "resolve"],
  ...(hasCredentials(mirror) ? { header: { Authorization: `Basic ${basic(mirror)}` } } : {}),
});
