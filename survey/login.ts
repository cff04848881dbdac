import { connect as dialTcp } from "node:net";
import type { Duplex } from "node:stream";
import { setTimeout as wait } from "node:timers/promises";
import { Client, type AnyAuthMethod, type ConnectConfig } from "ssh2";
import { attemptError, type Attempt, type Ending, listenIn, startAttempt } from "./attempt";
import { messageOf } from "./errors";
import { hostKeyAlgorithms, keyType, parseHostKey, type HostKey } from "./host-key";
import { agentMethod, keyMethod, passwordMethods } from "./login-methods";
import { wasTurnedAway } from "./turned-away";
import type { Endpoint, NodeConnection } from "./types";
import { expectedKeyError, jumpError, keyError } from "./wording";

/** A machine that was logged in to: SSH, and the stream that carries it. */
export interface LoggedIn {
  readonly client: Client;
  readonly stream: Duplex;
}

/** Milliseconds that a machine has to take its leave. A dead one would keep this program from ending. */
const patience = 2000;

/** Ends a connection; done when it has ended, so that whoever counts connections may open the next. */
export function hangUp({ client, stream }: LoggedIn): Promise<void> {
  if (stream.closed) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      stream.destroy();
      resolve();
    }, patience);
    stream.once("close", () => {
      clearTimeout(timer);
      resolve();
    });
    client.end();
  });
}

/**
 * Logs in to a node, through its bastion where it has one. Answers the connections on the way, the node's last;
 * whoever gets them hangs up. Fails with a SurveyError, having hung up itself.
 */
export async function logIn(node: string, connection: NodeConnection): Promise<LoggedIn[]> {
  const { bastion } = connection;
  if (bastion === undefined) return [await logInTo(startAttempt(node, connection, false), dial)];
  const before = await logInToBastion(node, bastion);
  try {
    const attempt = startAttempt(node, connection, false);
    return [before, await logInTo(attempt, () => jump(attempt, before.client, bastion))];
  } catch (error) {
    await hangUp(before);
    throw error;
  }
}

/** Milliseconds before a bastion that turned a login away is asked again, at first and at most. */
const pauses = { first: 100, longest: 2000 };

/**
 * A bastion turns logins away while too many others are under way (sshd's MaxStartups, often by all those who run this
 * at a time): that passes, so it is asked again for as long as one attempt may take.
 */
async function logInToBastion(node: string, bastion: Endpoint): Promise<LoggedIn> {
  const { deadline } = startAttempt(node, bastion, true);
  for (let pause = pauses.first; ; pause = Math.min(pause * 1.5, pauses.longest)) {
    const attempt = { ...startAttempt(node, bastion, true), deadline };
    try {
      return await logInTo(attempt, dial);
    } catch (error) {
      if (!wasTurnedAway(attempt) || Date.now() + pause > deadline) throw error;
      // Those that were turned away together must not come back together.
      await wait(pause * (0.5 + Math.random()));
    }
  }
}

async function logInTo(attempt: Attempt, way: (attempt: Attempt) => Promise<Duplex>): Promise<LoggedIn> {
  const expected = expectedKey(attempt);
  const stream = await way(attempt);
  attempt.phase = "greeting";
  return { client: await greet(attempt, stream, expected), stream };
}

/** Read before anything is dialled: what is wrong with it is no fault of the machine, nor of the private key. */
function expectedKey(attempt: Attempt): HostKey | undefined {
  const { hostKey } = attempt.connection;
  if (hostKey === undefined) return undefined;
  try {
    return parseHostKey(hostKey);
  } catch (cause) {
    throw expectedKeyError(attempt, cause);
  }
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
function jump(attempt: Attempt, client: Client, bastion: Endpoint): Promise<Duplex> {
  const { host, port } = attempt.connection;
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(attemptError(attempt, "timeout")), remaining(attempt));
    const fail = (error: Error): void => {
      clearTimeout(timer);
      reject(jumpError(attempt, bastion, error));
    };
    try {
      client.forwardOut("127.0.0.1", 0, host, port, (error, stream) => {
        if (error) return fail(error);
        clearTimeout(timer);
        resolve(stream);
      });
    } catch (cause) {
      // ssh2 throws where the bastion is gone already; that is an error like the others here.
      fail(new Error(messageOf(cause)));
    }
  });
}

const remaining = (attempt: Attempt): number => Math.max(1, attempt.deadline - Date.now());

/** SSH over a stream: handshake with the expected host key, and login. */
function greet(attempt: Attempt, stream: Duplex, expected: HostKey | undefined): Promise<Client> {
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
    client.on("banner", (text: string) => (attempt.told = `${attempt.told}${text}\n`.slice(-4096)));
    client.once("ready", () => {
      clearTimeout(timer);
      resolve(client);
    });
    try {
      client.connect(settings(attempt, stream, expected));
    } catch (cause) {
      clearTimeout(timer);
      stream.destroy();
      reject(keyError(attempt, cause));
      return;
    }
    stream.on("data", (bytes: Buffer) => listenIn(attempt, bytes));
  });
}

function methodsOf({ user, auth }: Endpoint): AnyAuthMethod[] {
  return [
    ...(auth.privateKey === undefined ? [] : [keyMethod(user, auth.privateKey, auth.passphrase)]),
    ...(auth.agentSocket === undefined ? [] : [agentMethod(user, auth.agentSocket)]),
    ...(auth.password === undefined ? [] : passwordMethods(user, auth.password)),
  ];
}

function settings(attempt: Attempt, sock: Duplex, expected: HostKey | undefined): ConnectConfig {
  return {
    // ssh2 takes any duplex stream, its types only readable ones.
    sock,
    username: attempt.connection.user,
    authHandler: methodsOf(attempt.connection),
    // The attempt has its own clock, over all phases.
    readyTimeout: 0,
    keepaliveInterval: 10_000,
    keepaliveCountMax: 3,
    // Without compression: a few bytes of an answer could become more than its limit in one step.
    algorithms: { serverHostKey: hostKeyAlgorithms(expected?.type) as never, compress: ["none"] },
    hostVerifier: (blob: Buffer) => {
      if (expected === undefined || expected.blob.equals(blob)) return true;
      attempt.refusedKey = { type: keyType(blob), blob };
      return false;
    },
  };
}
