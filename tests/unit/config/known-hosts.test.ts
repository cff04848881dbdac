import fc from "fast-check";
import { findHostKey as find, parseKnownHosts } from "../../../config/known-hosts";
import { isAuthorizedKey, parsePublicKey } from "../../../config/keys";
import { ecdsa, ed25519, rsa } from "./fixtures";
import { ed25519Pair } from "../ssh-keys";

const findHostKey = (text: string, host: string, port: number) => find(parseKnownHosts(text), host, port);

// as `ssh-keygen -H` wrote it for node.example.com and [192.0.2.11]:2222
const hashed = [
  `|1|debn6p2yx/U5HjcR+sfLemF5Cww=|Nl+pCBdxCkw5rXQk/CENo+q6IME= ${ed25519}`,
  `|1|Q4VgtXMU6yb6Ayd12WOJYOoMEMQ=|vecb9FZvV7tl6AxrkDn0YQVJDUA= ${ecdsa}`,
].join("\n");

test.each<[string, string, string, number, string | undefined]>([
  ["a plain entry", `192.0.2.1 ${ed25519}`, "192.0.2.1", 22, ed25519],
  ["one of several names, with a comment", `db,192.0.2.1 ${ed25519} root@db`, "db", 22, ed25519],
  ["tabs, CRLF, comments and empty lines", `# x\r\n\r\n  db\t${ed25519}\r\n`, "db", 22, ed25519],
  ["names in any case", `DB.example.com ${ed25519}`, "db.EXAMPLE.com", 22, ed25519],
  ["another port", `[192.0.2.1]:2222 ${ed25519}`, "192.0.2.1", 2222, ed25519],
  ["IPv6", `2001:db8::1 ${ed25519}`, "2001:db8::1", 22, ed25519],
  ["IPv6 on another port", `[2001:db8::1]:2222 ${ed25519}`, "2001:DB8::1", 2222, ed25519],
  ["IPv6 in another form", `fd00::1 ${ed25519}`, "FD00:0::1", 22, ed25519],
  ["not a person's key", `db sk-ssh-ed25519@openssh.com AAAA\ndb ${rsa}`, "db", 22, rsa],
  ["not an entry of port 22 for another port", `192.0.2.1 ${ed25519}`, "192.0.2.1", 2222, undefined],
  ["not another host", `192.0.2.1 ${ed25519}`, "192.0.2.11", 22, undefined],
  ["a hashed entry", hashed, "node.example.com", 22, ed25519],
  ["a hashed entry of another port", hashed, "192.0.2.11", 2222, ecdsa],
  ["not a hashed entry of another host", hashed, "node2.example.com", 22, undefined],
  ["not a hash of a kind to come", hashed.replaceAll("|1|", "|2|"), "node.example.com", 22, undefined],
  ["a wildcard", `*.example.com ${ed25519}`, "db.example.com", 22, ed25519],
  ["one letter of any kind", `db?.example.com ${ed25519}`, "db1.example.com", 22, ed25519],
  ["a dot for what it is", `db.example.com ${ed25519}`, "dbxexample.com", 22, undefined],
  ["not what is negated", `*.example.com,!db.example.com ${ed25519}`, "db.example.com", 22, undefined],
  ["what is beside the negated", `*.example.com,!db.example.com ${ed25519}`, "web.example.com", 22, ed25519],
  ["ed25519 before ECDSA before RSA", `db ${rsa}\ndb ${ecdsa}\ndb ${ed25519}`, "db", 22, ed25519],
  ["ECDSA before RSA", `db ${rsa}\ndb ${ecdsa}`, "db", 22, ecdsa],
  ["RSA where there is nothing else", `db ${rsa}`, "db", 22, rsa],
  ["not a broken line", `db ssh-ed25519 AAAA`, "db", 22, undefined],
  [
    "the second key where the first is revoked",
    `db ${ed25519}\ndb ${rsa}\n@revoked * ${ed25519}`,
    "db",
    22,
    rsa,
  ],
])("known_hosts: %s", (_what, text, host, port, expected) => {
  expect(findHostKey(text, host, port).hostKey).toBe(expected);
});

test("known_hosts: how many keys of one type there are", () => {
  const other = ed25519Pair().public.trim();
  const text = `db ${ed25519}\ndb ${other}\ndb ${ed25519}\ndb ${rsa}\n`;
  expect(findHostKey(text, "db", 22)).toEqual({ hostKey: ed25519, ofItsType: 2 });
});

test.each([
  [`db ${ed25519}\n@revoked db ${ed25519}`, "the key on file is marked @revoked"],
  [
    `@cert-authority *.example.com,db ${ed25519}`,
    "only a @cert-authority is on file, and host certificates are not supported",
  ],
])("known_hosts: why there is no key", (text, note) => {
  expect(findHostKey(text, "db", 22)).toEqual({ note });
});

test("known_hosts: no text of it is too strange", () => {
  const line = fc.array(
    fc.constantFrom("db", "*", "!", "|1|", "@revoked", ",", " ", "\t", ed25519, rsa, "[db]:22", "é", "\0"),
  );
  fc.assert(
    fc.property(fc.array(line), fc.string(), (lines, host) => {
      findHostKey(lines.map((words) => words.join("")).join("\n"), host, 22);
    }),
  );
});

test("known_hosts: many stars take no long time", () => {
  const started = Date.now();
  findHostKey(`${"*a".repeat(2000)} ${ed25519}`, "a".repeat(250), 22);
  expect(Date.now() - started).toBeLessThan(5000);
});

test.each([
  [ed25519, true],
  [`${ecdsa} me@home`, true],
  [`from="192.0.2.0/24,10.*",no-pty ${ed25519} me`, true],
  [`command="echo \\"hi\\" there" ${rsa}`, true],
  [ed25519.slice(0, -1), false],
  [ed25519.replace("ssh-ed25519", "ssh-rsa"), false],
  [ed25519.replace("ssh-ed25519", "ssh-dss"), false],
  [`${ed25519}\n${rsa}`, false],
  ["ssh-ed25519", false],
  ["", false],
  ["# a comment", false],
  [`x ${"a".repeat(20_000)}`, false],
])("authorized key %j: %j", (line, expected) => {
  expect(isAuthorizedKey(line)).toBe(expected);
});

test("a key cut off anywhere is none", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: ed25519.length - 1 }), (length) => {
      expect(parsePublicKey(ed25519.slice(0, length))).toBeUndefined();
    }),
  );
});
