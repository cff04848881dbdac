import { attemptError, startAttempt, type Ending, type Phase } from "../../../survey/attempt";
import type { NodeConnection } from "../../../survey/types";
import { expectedKeyError } from "../../../survey/wording";

const connection: NodeConnection = {
  host: "2001:db8::1",
  port: 2222,
  user: "kube",
  auth: { privateKey: "PRIVATE", agentSocket: "/run/agent" },
  dialTimeoutSeconds: 15,
};
const code = (name: string) => Object.assign(new Error(`connect ${name}`), { code: name });
const words = (phase: Phase, ending: Ending, bastion = false) =>
  attemptError(Object.assign(startAttempt("node-1", connection, bastion), { phase }), ending);

test.each<[Phase, Ending, string, string]>([
  ["dial", code("EHOSTUNREACH"), "unreachable", "[2001:db8::1]:2222 cannot be reached: connect EHOSTUNREACH"],
  ["dial", code("ETIMEDOUT"), "timeout", "[2001:db8::1]:2222 did not answer within 15 s"],
  [
    "dial",
    new AggregateError([code("ECONNREFUSED"), code("ENETUNREACH")]),
    "refused",
    "[2001:db8::1]:2222 refuses connections",
  ],
  ["dial", new AggregateError([]), "unreachable", "[2001:db8::1]:2222 cannot be reached: "],
  ["dial", "closed", "unreachable", "[2001:db8::1]:2222 cannot be reached: connection closed"],
  ["dial", code("EAI_AGAIN"), "unknown-host", "the name 2001:db8::1 does not resolve to an address"],
  [
    "handshake",
    code("ECONNRESET"),
    "dropped",
    "[2001:db8::1]:2222 closed the connection during the SSH handshake",
  ],
  [
    "login",
    "closed",
    "auth",
    "sshd refused the login of kube at [2001:db8::1]:2222 with the private key and the keys of the SSH agent",
  ],
  [
    "login",
    new Error("Too many authentication failures"),
    "auth",
    "sshd refused kube at [2001:db8::1]:2222 after too many keys",
  ],
  ["login", new Error("odd\u001b[2J"), "auth", "with the private key and the keys of the SSH agent: odd?[2J"],
])("%s, %s", (phase, ending, reason, message) => {
  const error = words(phase, ending);
  expect(error.reason).toBe(reason);
  expect(error.message).toContain(message);
  expect(error.remedy).toMatch(/^[A-Z].*\.$/);
  expect(error.message + error.remedy).not.toContain("PRIVATE");
});

test("root, whom sshd may not let in at all, is told so", () => {
  const attempt = startAttempt("node-1", { ...connection, user: "root" }, false);
  expect(attemptError(Object.assign(attempt, { phase: "login" }), "closed").remedy).toContain(
    "PermitRootLogin",
  );
  expect(words("login", "closed").remedy).not.toContain("PermitRootLogin");
});

test("a host key is compared with the file of its own type", () => {
  const hostKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
  const refused = (type: string) => {
    const attempt = startAttempt("node-1", { ...connection, hostKey }, false);
    const refusedKey = { type, blob: Buffer.from("x") };
    return attemptError(Object.assign(attempt, { phase: "handshake", refusedKey }), "closed").remedy;
  };
  expect(refused("ecdsa-sha2-nistp256")).toContain("ssh-keygen -lf /etc/ssh/ssh_host_ecdsa_key.pub)");
  expect(refused("ssh-rsa")).toContain("/etc/ssh/ssh_host_rsa_key.pub)");
  expect(refused("ssh-ed25519")).toContain("/etc/ssh/ssh_host_ed25519_key.pub)");
});

test("the key that is expected is asked for at the machine's own port", () => {
  const attempt = startAttempt("node-1", { ...connection, host: "192.0.2.1" }, false);
  expect(expectedKeyError(attempt, new Error("odd")).remedy).toContain(
    "ssh-keyscan -t ed25519 -p 2222 192.0.2.1 ",
  );
});

test("a bastion's failure is the bastion's", () => {
  const { message, remedy } = words("dial", "timeout", true);
  expect(message).toMatch(/^bastion \[2001:db8::1\]:2222 /);
  expect(remedy).toContain("the bastion's host and port");
});
