import { file, pkg, user } from "../plan/kinds";
import type { Requirement } from "../plan/requirement";
import type { StageDefinition } from "../plan/stage";
import { StageComponent } from "./stage-component";

/** Arguments of the admin-user stage. */
export interface AdminUserArgs {
  /** The account's name. */
  readonly name: string;
  /** Lines of authorized_keys that may log in as it. */
  readonly authorizedKeys: readonly string[];
  /** Whether it may use sudo, without a password: its own is locked. */
  readonly sudo: boolean;
  /** Login shell. Default `/bin/bash`. */
  readonly shell?: string;
  /** Groups that it is in besides its own. Default none. */
  readonly groups?: readonly string[];
}

/** The stage as a pure function. */
export const adminUser: StageDefinition<AdminUserArgs> = {
  name: "admin-user",
  requirements: ({ name, sudo, ...account }) => [user(name, account), ...(sudo ? sudoRule(name) : [])],
};

/**
 * sudo passes over files whose names have a dot, so the name of the account goes without. Another package may bring the
 * command (sudo-rs, sudo-ldap), with the same rules.
 */
function sudoRule(name: string): Requirement[] {
  const path = `/etc/sudoers.d/nodeprep-${name.replaceAll(".", ",")}`;
  return [
    pkg("sudo", { unless: ["sudo"] }),
    file(path, `${name} ALL=(ALL:ALL) NOPASSWD:ALL\n`, { mode: "0440", check: "sudoers" }),
  ];
}

/**
 * An account for daily work, so that nobody works as root: keys only, its password locked, sudo if wanted.
 *
 * @example
 * const stages = [Toolkit.stage({}), AdminUser.stage({ name: "kube", authorizedKeys: [publicKey], sudo: false })];
 * const node = await surveyNode({ ...machine, stages });
 * const toolkit = new Toolkit("db-1", { node });
 * new AdminUser("db-1", { node }, { dependsOn: toolkit });
 */
export class AdminUser extends StageComponent(adminUser, "AdminUser") {}
