import { resolveAuthentication } from "./authentication";
import { formatPath, type Path } from "./errors";
import { warnOnce, type Context } from "./findings";
import { resolveHostKey } from "./host-key";
import type { Draft, SshConfig } from "./schema";
import type { Authentication, SshEndpoint } from "./types";

type Bastion = Draft<NonNullable<SshConfig["bastion"]>>;

/** A bastion whose own part is resolved; what it lacks it takes from the node that is behind it. */
export interface ResolvedBastion {
  readonly endpoint: (node: {
    readonly user: string;
    readonly auth: Authentication;
  }) => SshEndpoint | undefined;
}

/** Resolves the bastion at a path of the configuration. */
export function resolveBastion(
  bastion: Bastion,
  path: Path,
  knownHostsFile: string,
  context: Context,
): ResolvedBastion {
  const { host, port = 22, hostKey, insecureIgnoreHostKey = false } = bastion;
  const own = resolveAuthentication(bastion, path, context);
  if (host === undefined) return { endpoint: () => undefined };
  const known = resolveHostKey({ host, port, hostKey, knownHostsFile, insecureIgnoreHostKey }, path, context);
  return {
    endpoint: (node) => {
      const auth = own.given ? own.auth : node.auth;
      if (auth === undefined) return undefined;
      if (!own.given && auth.method === "password") warnOnce(context, [givenAway(path)]);
      return {
        host,
        port,
        user: bastion.user ?? node.user,
        auth,
        ...(known === undefined ? {} : { hostKey: known }),
      };
    },
  };
}

/** A key proves who we are and stays here; a password is told to whom we speak. */
const givenAway = (path: Path): string =>
  `${formatPath(path)}: it has no way to authenticate of its own and is given the nodes' password: whoever has the bastion can log in to the nodes. Give it a password or a key of its own.`;
