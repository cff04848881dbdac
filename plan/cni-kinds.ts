import { checkPath } from "./files";
import type { Requirement } from "./requirement";

/**
 * Everything in folder `from` can be found in folder `path` under the same name: by a link, or because something of
 * that name is there already.
 *
 * @throws when one of the paths is not absolute and plain
 */
export function links(path: string, from: string): Requirement {
  for (const one of [path, from]) checkPath(one);
  if (/\s/.test(from)) throw new Error(`${JSON.stringify(from)} must be a path without spaces`);
  return { kind: "links", key: path, value: `from=${from}` };
}

/**
 * Of the CNI configuration files in its folder, `path` is the one that the runtime takes: the first by name. Those
 * that come before it are renamed.
 *
 * @param options.gateway what it makes the address of the bridge `cni0`, with the length of its prefix: one that is there
 * with another address is taken away once no Pod hangs on it, since the plugin would refuse every Pod
 * @throws when the path is not absolute and plain
 */
export function firstConfig(path: string, options: { readonly gateway?: string } = {}): Requirement {
  checkPath(path);
  const { gateway } = options;
  return {
    kind: "cni_config",
    key: path,
    value: `first${gateway === undefined ? "" : ` gateway=${gateway}`}`,
  };
}
