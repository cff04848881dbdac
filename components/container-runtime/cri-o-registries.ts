import { stringify, type TomlTable } from "smol-toml";
import { Secret } from "../../config/secret";
import type { RegistryMirror, RegistryMirrors } from "../../config/types";
import type { Facts } from "../../plan/facts";
import { file, writtenByNodeprep } from "../../plan/kinds";
import type { Requirement } from "../../plan/requirement";
import { secretFile } from "../../plan/secrets";
import { basic, hasCredentials, used } from "./registry-mirrors";

/** A file of CRI-O's, or of its libraries. */
export const toml = (table: TomlTable): string => `${writtenByNodeprep}${stringify(table)}`;

/** Mirrors in the form of containers-registries.conf(5); the registry itself is asked last. */
export function mirrors(given: RegistryMirrors): readonly Requirement[] {
  const registry = used(given).map(([host, all]) => ({
    prefix: host,
    location: host,
    mirror: all.map(mirror),
  }));
  if (registry.length === 0) return [];
  return [file("/etc/containers/registries.conf.d/50-nodeprep-mirrors.conf", toml({ registry }))];
}

const mirror = (one: RegistryMirror): TomlTable => ({
  location: location(one),
  ...(one.url.startsWith("http:") ? { insecure: true } : {}),
});

/** What is behind the host is a folder of images there; `/v2`, which is part of the protocol, is none. */
function location({ url }: RegistryMirror): string {
  const { host, pathname } = new URL(url);
  return `${host}${pathname.replace(/^\/v2(?=\/|$)/, "").replace(/\/+$/, "")}`;
}

/** Mirrors that ask who wants to know. */
const closed = (given: RegistryMirrors): readonly RegistryMirror[] =>
  Object.values(given).flat().filter(hasCredentials);

const authId = "crio-auth.json";
const authPath = "/etc/crio/nodeprep-auth.json";

/** In the form of containers-auth.json(5), whose keys may have folders. */
function authText(given: RegistryMirrors): string {
  const auths = Object.fromEntries(closed(given).map((one) => [location(one), { auth: basic(one) }]));
  return `${JSON.stringify({ auths })}\n`;
}

/** The text with the passwords, by id, for stage node-secrets. */
export const authSecrets = (given: RegistryMirrors): Readonly<Record<string, Secret>> =>
  closed(given).length === 0 ? {} : { [authId]: new Secret(authText(given)) };

/** The drop-in `path` names the file with the passwords, where there are some: CRI-O reads that at its start alone. */
export const authFileNamed = (given: RegistryMirrors, path: string): readonly Requirement[] =>
  closed(given).length === 0 ? [] : [file(path, toml({ crio: { image: { global_auth_file: authPath } } }))];

/** The file itself, for root alone, is read at every pull. */
export const authFile = (given: RegistryMirrors, { secretsKey }: Facts): readonly Requirement[] =>
  closed(given).length === 0
    ? []
    : [secretFile(authPath, { id: authId, text: authText(given), key: secretsKey })];
