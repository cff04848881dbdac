import type { AnyAuthMethod } from "ssh2";
import { parsePrivateKey } from "../config/private-key";

/**
 * Logging in with a private key.
 *
 * @throws Error what keeps the key from being used
 */
export function keyMethod(username: string, text: string, passphrase: string | undefined): AnyAuthMethod {
  const key = parsePrivateKey(text, passphrase);
  if (key instanceof Error) throw key;
  return { type: "publickey", username, key };
}

/** Logging in with the keys of an agent. */
export const agentMethod = (username: string, agent: string): AnyAuthMethod => ({
  type: "agent",
  username,
  agent,
});

/** Logging in with a password, by either of the two ways that servers have for it. */
export const passwordMethods = (username: string, password: string): readonly AnyAuthMethod[] => [
  { type: "password", username, password },
  {
    type: "keyboard-interactive",
    username,
    prompt: (_name, _instructions, _language, prompts, finish) => finish(prompts.map(() => password)),
  },
];
