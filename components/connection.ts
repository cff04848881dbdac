import type { types } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import type { ConnectionSpec, SshEndpoint } from "../config/types";
import type { Endpoint as SurveyEndpoint, NodeConnection } from "../survey/types";

type Endpoint = Pick<
  types.input.remote.ConnectionArgs,
  "host" | "port" | "user" | "hostKey" | "privateKey" | "privateKeyPassword" | "password"
>;

/**
 * A node's connection in the provider's words. Keys and passwords become Pulumi secrets here. The agent's socket
 * is left out: the provider takes it from SSH_AUTH_SOCK, and in the inputs it would change with every operator.
 */
export function connectionArgs(spec: ConnectionSpec): types.input.remote.ConnectionArgs {
  return {
    ...endpoint(spec),
    ...(spec.bastion
      ? { proxy: { ...endpoint(spec.bastion), ...dialling(spec, dialErrorLimits.bastion) } }
      : {}),
    ...dialling(spec, dialErrorLimits.node),
  };
}

/**
 * Dials that may fail. The provider's default are ten: minutes for a node that is not there. A bastion gets them, since
 * it turns logins away while others are under way (sshd's MaxStartups), and the engine works on many nodes at a time.
 */
export const dialErrorLimits = { node: 2, bastion: 10 } as const;

const dialling = (
  spec: ConnectionSpec,
  dialErrorLimit: number,
): { dialErrorLimit: number; perDialTimeout: number } => ({
  dialErrorLimit,
  perDialTimeout: spec.dialTimeout,
});

function endpoint({ host, port, user, hostKey, auth }: SshEndpoint): Endpoint {
  return { host, port, user, ...(hostKey === undefined ? {} : { hostKey }), ...authentication(auth) };
}

function authentication(auth: SshEndpoint["auth"]): Partial<Endpoint> {
  switch (auth.method) {
    case "agent":
      return {};
    case "password":
      return { password: pulumi.secret(auth.password.reveal()) };
    case "privateKey":
      return {
        privateKey: pulumi.secret(auth.privateKey.reveal()),
        ...(auth.passphrase ? { privateKeyPassword: pulumi.secret(auth.passphrase.reveal()) } : {}),
      };
  }
}

/** A node's connection in the survey's words, its secrets as plain texts. */
export function surveyConnection({ bastion, dialTimeout, ...node }: ConnectionSpec): NodeConnection {
  return {
    ...surveyEndpoint(node, dialTimeout),
    ...(bastion === undefined ? {} : { bastion: surveyEndpoint(bastion, dialTimeout) }),
  };
}

function surveyEndpoint(
  { host, port, user, hostKey, auth }: SshEndpoint,
  dialTimeoutSeconds: number,
): SurveyEndpoint {
  return { host, port, user, hostKey, dialTimeoutSeconds, auth: plainAuthentication(auth) };
}

function plainAuthentication(auth: SshEndpoint["auth"]): SurveyEndpoint["auth"] {
  switch (auth.method) {
    case "agent":
      return { agentSocket: auth.socket };
    case "password":
      return { password: auth.password.reveal() };
    case "privateKey":
      return {
        privateKey: auth.privateKey.reveal(),
        ...(auth.passphrase ? { passphrase: auth.passphrase.reveal() } : {}),
      };
  }
}
