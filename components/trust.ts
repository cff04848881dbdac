import * as pulumi from "@pulumi/pulumi";
import type { ConnectionSpec, SshEndpoint } from "../config/types";
import { address } from "../survey/wording";

/**
 * Refuses a node, or its bastion, that cannot prove who it is, unless its endpoint says that this is meant: that is a
 * warning each time. For connections that did not come from the configuration, which has seen to the same.
 */
export function requireTrust(node: string, { bastion, ...own }: ConnectionSpec): void {
  trusted(`node ${node}: connection`, own);
  if (bastion !== undefined) trusted(`node ${node}: connection.bastion`, bastion);
}

function trusted(where: string, endpoint: SshEndpoint): void {
  if (endpoint.hostKey !== undefined) return;
  const at = address(endpoint);
  if (endpoint.insecureIgnoreHostKey !== true)
    throw new pulumi.RunError(
      `${where}.hostKey is missing for ${at}: set it to the machine's key, "ssh-ed25519 AAAA…" (ssh-keyscan -t ed25519 -p ${endpoint.port} ${endpoint.host}, compared with its own console), or set insecureIgnoreHostKey: true there`,
    );
  void pulumi.log.warn(
    `${where}: insecureIgnoreHostKey is set: whoever answers at ${at} is taken for the machine. Set hostKey instead.`,
  );
}
