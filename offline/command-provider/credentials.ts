import type { AnyAuthMethod, AuthenticationType, ConnectConfig } from "ssh2";
import { messageOf } from "../../survey/errors";
import { hostKeyAlgorithms, parseHostKey } from "../../survey/host-key";
import { agentMethod, keyMethod, passwordMethods } from "../../survey/login-methods";
import type { Hop } from "./inputs";

/** How one hop proves itself to us, and how we prove ourselves to it, in the form that ssh2 takes. */
export type Credentials = Pick<ConnectConfig, "username" | "authHandler" | "hostVerifier" | "algorithms">;

/**
 * The credentials of one hop. `attempted` receives the names of the methods as they are tried.
 *
 * @throws Error when the private key or the host key cannot be read.
 */
export function credentialsOf(hop: Hop, attempted: string[]): Credentials {
  const methods = methodsOf(hop);
  return {
    username: hop.user,
    authHandler: (offered, _partial, next) => {
      const method = nextOffered(methods, offered);
      if (method) attempted.push(wireName(method.type));
      next((method ?? false) as AnyAuthMethod);
    },
    ...hostKeyOf(hop.hostKey),
  };
}

/**
 * A key, or else the password and then an agent, as Pulumi's own provider has it: an agent with many keys would use up
 * the tries that sshd allows. With a key that does not ask the agent either.
 */
function methodsOf(hop: Hop): AnyAuthMethod[] {
  const username = hop.user;
  const agent = hop.agentSocketPath ?? process.env["SSH_AUTH_SOCK"];
  return [
    { type: "none", username },
    ...(hop.privateKey === undefined ? [] : [privateKeyMethod(hop, hop.privateKey)]),
    ...(hop.password === undefined ? [] : passwordMethods(username, hop.password)),
    ...(hop.privateKey === undefined && agent ? [agentMethod(username, agent)] : []),
  ];
}

/** Takes the first method that the server offers off the list; before its first answer it offers all. */
function nextOffered(
  methods: AnyAuthMethod[],
  offered: AuthenticationType[] | null,
): AnyAuthMethod | undefined {
  const index = methods.findIndex(
    ({ type }) => offered === null || offered.includes(wireName(type) as AuthenticationType),
  );
  return index < 0 ? undefined : methods.splice(0, index + 1).at(-1);
}

/** An agent's keys are public keys to the server. */
function wireName(type: string): string {
  return type === "agent" ? "publickey" : type;
}

function privateKeyMethod({ user, privateKeyPassword }: Hop, key: string): AnyAuthMethod {
  try {
    return keyMethod(user, key, privateKeyPassword);
  } catch (error) {
    throw new Error(`ssh: the private key cannot be read: ${messageOf(error)}`);
  }
}

/** Accepts exactly the given key. Without one any key is accepted, as Pulumi's own provider does. */
function hostKeyOf(line: string | undefined): Pick<ConnectConfig, "hostVerifier" | "algorithms"> {
  if (line === undefined) return {};
  const { type, blob } = readHostKey(line);
  const serverHostKey = hostKeyAlgorithms(type) as NonNullable<
    NonNullable<ConnectConfig["algorithms"]>["serverHostKey"]
  >;
  return { hostVerifier: (seen: Buffer) => blob.equals(seen), algorithms: { serverHostKey } };
}

function readHostKey(line: string): ReturnType<typeof parseHostKey> {
  try {
    return parseHostKey(line);
  } catch (error) {
    throw new Error(`failed to parse host key: ${messageOf(error)}`);
  }
}
