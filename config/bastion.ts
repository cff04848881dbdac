import { resolveAuthentication } from "./authentication";
import type { Path } from "./errors";
import type { Context } from "./findings";
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
