import type { Requirement } from "./requirement";

/** What an account is to be like. */
export interface UserOptions {
  /** Lines of authorized_keys that it must hold; keys that people add there stay. */
  readonly authorizedKeys: readonly string[];
  /** Login shell, an absolute path. Default `/bin/bash`. */
  readonly shell?: string;
  /** Groups that it must be in besides its own. Default none. */
  readonly groups?: readonly string[];
}

/**
 * Account `name` exists, with a home, a locked password that never expires, and these authorized keys in files that
 * sshd accepts.
 *
 * @throws when the name is root or no account's name, a key is not one line, or shell or a group are malformed
 */
export function user(name: string, options: UserOptions): Requirement {
  const shell = options.shell ?? "/bin/bash";
  const groups = options.groups ?? [];
  check(
    name,
    name !== "root" && accountName.test(name),
    "must be an account's name (a-z, 0-9, _, - and dot), not root",
  );
  check(shell, /^(\/[A-Za-z0-9._+-]+)+$/.test(shell), "must be the absolute path of a shell");
  for (const group of groups) check(group, accountName.test(group), "must be a group's name");
  for (const key of options.authorizedKeys)
    check(key, /^[^\s#][^\p{Cc}]*$/u.test(key), "must be one line of authorized_keys");
  const words = [
    `shell=${shell}`,
    "password=locked",
    ...(groups.length > 0 ? [`groups=${groups.join(",")}`] : []),
  ];
  return { kind: "user", key: name, value: words.join(" "), body: options.authorizedKeys.join("\n") };
}

const accountName = /^[a-z_][a-z0-9_-]*(\.[a-z0-9_-]+)*$/;

function check(value: string, holds: boolean, must: string): void {
  if (!holds || value.length > 8192) throw new Error(`${JSON.stringify(value.slice(0, 80))} ${must}`);
}
