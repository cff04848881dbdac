import { stringify, type TomlTable } from "smol-toml";
import { directory, file } from "../../plan/files";
import type { Requirement } from "../../plan/requirement";

/** Docker Hub's name is not that of its server. */
const servers: ReadonlyMap<string, string> = new Map([["docker.io", "https://registry-1.docker.io"]]);

/**
 * A `hosts.toml` for each registry that has mirrors, as containerd and others read it; the registry itself is asked
 * last. It is read at every pull: nothing is restarted.
 *
 * @param folder where they are, e.g. `/etc/containerd/certs.d`
 */
export const registryMirrors = (
  folder: string,
  mirrors: Readonly<Record<string, readonly string[]>>,
): readonly Requirement[] =>
  Object.entries(mirrors)
    .filter(([, urls]) => urls.length > 0)
    .flatMap(([registry, urls]) => [
      directory(`${folder}/${registry}`),
      file(`${folder}/${registry}/hosts.toml`, hostsToml(registry, urls)),
    ]);

function hostsToml(registry: string, urls: readonly string[]): string {
  const host: TomlTable = Object.fromEntries(urls.map((url) => [url, { capabilities: ["pull", "resolve"] }]));
  const table = { server: servers.get(registry) ?? `https://${registry}`, host };
  return `# Written by nodeprep.\n${stringify(table)}`;
}
