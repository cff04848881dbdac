import { connect as dialTcp } from "node:net";
import type { Duplex } from "node:stream";
import { Client, type AuthenticationType, type ConnectConfig } from "ssh2";
import { attemptError, type Attempt, type Ending, listenIn, startAttempt } from "./attempt";
import { hostKeyAlgorithms, keyType, parseHostKey } from "./host-key";
import type { NodeConnection } from "./types";
import { jumpError, keyError } from "./wording";

/**
 * Logs in to a node, through its bastion where it has one. Answers the connections on the way, the node's last;
 * whoever gets them ends them. Fails with a SurveyError, having ended them itself.
 */
export async function logIn(node: string, connection: NodeConnection): Promise<Client[]> {
  const { bastion } = connection;
  const before = bastion === undefined ? [] : await logInTo(startAttempt(node, bastion, true));
  const last = before.at(-1);
  try {
    const attempt = startAttempt(node, connection, false);
    const after = await logInTo(attempt, last && bastion ? () => jump(attempt, last, bastion) : undefined);
    return [...before, ...after];
  } catch (error) {
    for (const client of before) client.end();
    throw error;
  }
}

async function logInTo(
  attempt: Attempt,
  way: () => Promise<Duplex> = () => dial(attempt),
): Promise<Client[]> {
  const stream = await way();
  attempt.phase = "greeting";
  return [await greet(attempt, stream)];
}

/** A TCP connection, or the reason why there is none. */
function dial(attempt: Attempt): Promise<Duplex> {
  const { host, port } = attempt.connection;
  return new Promise((resolve, reject) => {
    // Where a name has several addresses, each gets longer than the quarter of a second that is the default.
    const socket = dialTcp({ host, port, noDelay: true, autoSelectFamilyAttemptTimeout: 2000 });
    const fail = (ending: Ending): void => {
      clearTimeout(timer);
      socket.destroy();
      reject(attemptError(attempt, ending));
    };
    const timer = setTimeout(() => fail("timeout"), remaining(attempt));
    socket.on("error", fail);
    socket.once("connect", () => {
      clearTimeout(timer);
      socket.off("error", fail);
      resolve(socket);
    });
  });
}

/** A stream that the bastion forwards to the node. */
function jump(attempt: Attempt, client: Client, bastion: NodeConnection): Promise<Duplex> {
  const { host, port } = attempt.connection;
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(attemptError(attempt, "timeout")), remaining(attempt));
    client.forwardOut("127.0.0.1", 0, host, port, (error, stream) => {
      clearTimeout(timer);
      if (error) reject(jumpError(attempt, bastion, error));
      else resolve(stream);
    });
  });
}

const remaining = (attempt: Attempt): number => Math.max(1, attempt.deadline - Date.now());

/** SSH over a stream: handshake with the expected host key, and login. */
function greet(attempt: Attempt, stream: Duplex): Promise<Client> {
  const client = new Client();
  return new Promise((resolve, reject) => {
    const fail = (ending: Ending): void => {
      clearTimeout(timer);
      reject(attemptError(attempt, ending));
      client.destroy();
      stream.destroy();
    };
    const timer = setTimeout(() => fail("timeout"), remaining(attempt));
    // Stays for as long as the client lives: an error without a listener would end the program.
    client.on("error", fail);
    client.once("close", () => fail("closed"));
    client.once("handshake", () => (attempt.phase = "login"));
    client.once("ready", () => {
      clearTimeout(timer);
      resolve(client);
    });
    client.on("keyboard-interactive", (_name, _instructions, _language, prompts, answer) => {
      answer(prompts.map(() => attempt.connection.auth.password ?? ""));
    });
    try {
      client.connect(settings(attempt, stream));
    } catch (cause) {
      clearTimeout(timer);
      stream.destroy();
      reject(keyError(attempt, cause));
      return;
    }
    stream.on("data", (bytes: Buffer) => listenIn(attempt, bytes));
  });
}

function settings(attempt: Attempt, sock: Duplex): ConnectConfig {
  const { user, auth, hostKey } = attempt.connection;
  const expected = hostKey === undefined ? undefined : parseHostKey(hostKey);
  const has = (method: AuthenticationType, part: unknown): AuthenticationType[] =>
    part === undefined ? [] : [method];
  return {
    // ssh2 takes any duplex stream, its types only readable ones.
    sock,
    username: user,
    ...(auth.privateKey === undefined ? {} : { privateKey: auth.privateKey }),
    ...(auth.passphrase === undefined ? {} : { passphrase: auth.passphrase }),
    ...(auth.password === undefined ? {} : { password: auth.password, tryKeyboard: true }),
    ...(auth.agentSocket === undefined ? {} : { agent: auth.agentSocket }),
    authHandler: [
      ...has("publickey", auth.privateKey),
      ...has("agent", auth.agentSocket),
      ...has("password", auth.password),
      ...has("keyboard-interactive", auth.password),
    ],
    // The attempt has its own clock, over all phases.
    readyTimeout: 0,
    keepaliveInterval: 10_000,
    keepaliveCountMax: 3,
    algorithms: { serverHostKey: hostKeyAlgorithms(expected?.type) as never },
    hostVerifier: (blob: Buffer) => {
      if (expected === undefined || expected.blob.equals(blob)) return true;
      attempt.refusedKey = { type: keyType(blob), blob };
      return false;
    },
  };
}
