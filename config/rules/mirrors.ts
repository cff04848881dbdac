import { formatPath, type Path } from "../errors";
import { isBroken, type Context } from "../findings";
import type { ClusterConfig, Draft } from "../schema";
import { needsOf, oneOf, typesWithMirrorAccounts } from "../schema/runtime-types";

/** A mirror as a mapping, and where it stands. */
interface Mirror {
  readonly path: Path;
  readonly url?: string | undefined;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
}

/** What mirrors of registries want to know. */
export function checkMirrors({ runtime }: Draft<ClusterConfig>, context: Context): void {
  const { type = "", registryMirrors = {} } = runtime ?? {};
  const all = Object.entries(registryMirrors)
    .flatMap(([registry, mirrors = []]) =>
      mirrors.map((mirror, index): Mirror => {
        const path = ["runtime", "registryMirrors", registry, index];
        return typeof mirror === "string" ? { path, url: mirror } : { ...mirror, path };
      }),
    )
    .filter(({ path }) => !isBroken(context, path));
  for (const mirror of all) checkMirror(mirror, type, context);
  checkOneEach(all, context);
}

function checkMirror({ path, url = "", username, password }: Mirror, type: string, context: Context): void {
  const { problems, warnings } = context;
  const given = [
    ...(username === undefined ? [] : ["username"]),
    ...(password === undefined ? [] : ["password"]),
  ];
  const [only] = given;
  if (only === undefined) return;
  const { openMirrors } = needsOf(type);
  if (openMirrors !== undefined)
    problems.push({
      path: [...path, only],
      allowed: `cannot be had with runtime.type ${type}: ${openMirrors}`,
      remedy: `use ${oneOf(typesWithMirrorAccounts())}, or a mirror that asks nothing of machines in the nodes' network, or no mirror and image pull secrets`,
    });
  else if (given.length === 1)
    problems.push({
      path,
      allowed: `has ${only} alone, must have username and password, or none of them`,
      remedy: `add the other one, the password with pulumi config set --secret --path '${formatPath([...path, "password"])}'`,
    });
  else if (url.startsWith("http:"))
    warnings.push(
      `${formatPath(path)}: its password travels in the clear, as ${url} is not encrypted. Use https.`,
    );
}

/** A mirror of two registries has one account: not every runtime could tell two of them apart. */
function checkOneEach(all: readonly Mirror[], { problems }: Context): void {
  const account = ({ username, password }: Mirror): string => JSON.stringify([username, password]);
  all.forEach((mirror, index) => {
    const first = all.findIndex(({ url }) => url === mirror.url);
    const other = all[first];
    if (
      mirror.url === undefined ||
      other === undefined ||
      first === index ||
      account(other) === account(mirror)
    )
      return;
    problems.push({
      path: mirror.path,
      allowed: `has other credentials than ${formatPath(other.path)}, the same mirror`,
      remedy: "give it the same ones",
    });
  });
}
