import { readFileSync } from "node:fs";
import type { types } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import type { PreparedStackNode } from "../components/prepared-stack";
import * as quote from "../plan/quote";

/**
 * How to log in on a node: where and as whom its outputs say, with the key in `privateKeyFile`, or else the SSH agent.
 * Through a bastion: add `proxy`.
 */
export function logIn(node: PreparedStackNode, config: pulumi.Config): types.input.remote.ConnectionArgs {
  const keyFile = config.get("privateKeyFile");
  return {
    host: node.host,
    port: node.sshPort,
    user: node.sshUser,
    ...(node.hostKey === undefined ? {} : { hostKey: node.hostKey }),
    ...(keyFile === undefined ? {} : { privateKey: pulumi.secret(readFileSync(keyFile, "utf8")) }),
    dialErrorLimit: 2,
  };
}

/** A command line that runs a shell script as root. */
export const asRoot = (node: PreparedStackNode, script: string): string =>
  quote.asRoot(node.sshUser !== "root", "sh", "-c", script);
