import { dirname, basename, join } from "node:path";
import { show, type Path, type Problem } from "./errors";
import { privateKeyFault } from "./private-key";
import { Secret } from "./secret";
import type { Context } from "./findings";
import { expandHome, type Sources } from "./sources";
import type { Authentication } from "./types";

/** The keys of a section that say how to authenticate. */
export interface AuthenticationKeys {
  readonly privateKeyFile?: string | undefined;
  readonly privateKey?: string | undefined;
  readonly passphrase?: string | undefined;
  readonly password?: string | undefined;
  readonly agent?: true | undefined;
}

/** What a section says about authentication: nothing, one usable way, or mistakes (no `auth`). */
export interface ResolvedAuthentication {
  readonly given: boolean;
  readonly auth?: Authentication;
}

interface Attempt extends ResolvedAuthentication {
  readonly problems: readonly Problem[];
  readonly warnings?: readonly string[];
}

/** The keys of which exactly one is to be given. */
export const ways = ["privateKeyFile", "privateKey", "password", "agent"] as const;

/** Finds the one way to authenticate in a section and makes sure that it can be used. */
export function resolveAuthentication(
  keys: AuthenticationKeys,
  path: Path,
  context: Context,
): ResolvedAuthentication {
  const { problems, warnings = [], ...resolved } = attempt(keys, path, context.sources);
  context.problems.push(...problems);
  context.warnings.push(...warnings);
  return resolved;
}

function attempt(keys: AuthenticationKeys, path: Path, sources: Sources): Attempt {
  const given = ways.filter((way) => keys[way] !== undefined);
  const [way] = given;
  if (given.length > 1)
    return failed({
      path,
      allowed: `has ${given.join(" and ")}, must have one of them`,
      remedy: "remove the others",
    });
  if (way === "privateKey") return keyText(keys.privateKey ?? "", keys, [...path, way]);
  if (way === "privateKeyFile") return keyFile(keys, path, sources);
  const problems = orphan(keys, path);
  if (way === undefined) return { given: false, problems };
  if (way === "agent") return agent(path, sources, problems);
  return found({ method: "password", password: new Secret(keys.password ?? "") }, problems);
}

const failed = (...problems: readonly Problem[]): Attempt => ({ given: true, problems });

const found = (auth: Authentication, problems: readonly Problem[] = []): Attempt => ({
  given: true,
  auth,
  problems,
});

function orphan(keys: AuthenticationKeys, path: Path): readonly Problem[] {
  if (keys.passphrase === undefined) return [];
  return [
    {
      path: [...path, "passphrase"],
      value: "[secret]",
      allowed: "belongs to no private key",
      remedy: "remove it, or add privateKeyFile or privateKey beside it",
    },
  ];
}

function agent(path: Path, sources: Sources, problems: readonly Problem[]): Attempt {
  if (sources.agentSocket !== undefined && sources.agentFault === undefined)
    return found({ method: "agent", socket: sources.agentSocket }, problems);
  return failed(...problems, {
    path: [...path, "agent"],
    value: "true",
    allowed:
      sources.agentFault === undefined
        ? "needs a running SSH agent, but SSH_AUTH_SOCK is not set"
        : `needs a running SSH agent, but SSH_AUTH_SOCK, ${show(sources.agentSocket)}, ${sources.agentFault}`,
    remedy: "run `eval $(ssh-agent) && ssh-add`, or name a privateKeyFile",
  });
}

function keyFile(keys: AuthenticationKeys, path: Path, sources: Sources): Attempt {
  const name = keys.privateKeyFile ?? "";
  const at = [...path, "privateKeyFile"];
  if (/PRIVATE KEY/.test(name))
    return failed({
      path: at,
      value: "[secret]",
      allowed: "is a key, must be the path of a file",
      remedy: "give the key as privateKey, as a secret",
    });
  const file = expandHome(name, sources.home);
  const read = sources.readFile(file);
  if ("error" in read)
    return failed({
      path: at,
      value: show(name),
      allowed: read.error,
      remedy: "correct the path, or make a deploy key with `ssh-keygen -t ed25519 -f <path>`",
    });
  const resolved = keyText(read.text, keys, at, show(name));
  return { ...resolved, warnings: isPersonal(file, sources) ? [personal(name)] : [] };
}

const isPersonal = (file: string, sources: Sources): boolean =>
  dirname(file) === join(sources.home, ".ssh") && /^id_[a-z0-9_]+$/.test(basename(file));

const personal = (name: string): string =>
  `${name} looks like a personal key: the key is an input of every resource, so with another operator's key all of them show as changed. Use one deploy key for the stack, or agent: true.`;

function keyText(text: string, keys: AuthenticationKeys, path: Path, shown = "[secret]"): Attempt {
  // one text whatever the editor: the key is compared as an input of resources
  const key = `${text.replace(/\r\n/g, "\n").trim()}\n`;
  const fault = privateKeyFault(key, keys.passphrase);
  if (fault !== undefined) return failed({ path, value: shown, ...fault });
  const passphrase = keys.passphrase === undefined ? {} : { passphrase: new Secret(keys.passphrase) };
  return found({ method: "privateKey", privateKey: new Secret(key), ...passphrase });
}
