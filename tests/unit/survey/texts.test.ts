import fc from "fast-check";
import { fingerprint, hostKeyAlgorithms, keyType, parseHostKey } from "../../../survey/host-key";
import { driftMarker } from "../../../survey/marker";
import { printable, printableLines } from "../../../survey/text";
import { address } from "../../../survey/wording";

describe("printable", () => {
  test.each([
    ["plain text, ünïcode too", "plain text, ünïcode too"],
    ["\u001b]0;title\u0007 \u001b[2J", "?]0;title? ?[2J"],
    ["a\tb\r\nc\0", "a?b??c?"],
    ["\u202etxt.exe \u2066 \ufeff \u009b31m", "?txt.exe ? ? ?31m"],
    ["lone \ud800 surrogate, whole 😀", "lone ? surrogate, whole 😀"],
    ["x".repeat(400), `${"x".repeat(299)}…`],
    // Pulumi's engine ends at a color that it does not know.
    ["<{%fg 1%}> <{<{%no color%}>", "<{?fg 1%}> <{<{?no color%}>"],
  ])("%j", (text, expected) => expect(printable(text)).toBe(expected));

  test("nothing that a terminal acts on is left, whatever comes in", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 500 }), (text) => {
        const clean = printable(text);
        return clean.length <= 300 && !/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/.test(clean);
      }),
    );
  });

  test("several lines become one", () =>
    expect(printableLines("sudo: a password is required\r\n\n  second\n")).toBe(
      "sudo: a password is required; second",
    ));
});

describe("drift marker", () => {
  const names = (...all: string[]) => all.map((name) => ({ name }));
  const now = new Date("2026-11-21T08:00:00.123Z");

  test("nothing differs", () => expect(driftMarker("7f3a", [])).toBe(""));

  test("names and the apply's id", () =>
    expect(driftMarker("7f3a", names("sysctl:net.ipv4.ip_forward", "module:overlay", "module:overlay"))).toBe(
      "# drifted since apply 7f3a: sysctl:net.ipv4.ip_forward, module:overlay",
    ));

  test.each([undefined, "", "7F3A", "7f3a; rm -rf /", "$(id)", "none\n", "a".repeat(33)])(
    "no id in %j: the time",
    (id) =>
      expect(driftMarker(id, names("module:overlay"), now)).toBe(
        "# nothing on record at 2026-11-21T08:00:00Z",
      ),
  );

  test("of many names, a count and a digest that tells the rests apart", () => {
    const many = Array.from({ length: 22 }, (_, index) => `file:/etc/f${index}`);
    const marker = driftMarker("7f3a", names(...many));
    expect(marker).toMatch(/file:\/etc\/f9, and 12 more \([0-9a-f]{8}\)$/);
    const other = driftMarker("7f3a", names(...many.slice(0, 21), "file:/etc/other"));
    expect(other).toMatch(/and 12 more/);
    expect(other).not.toBe(marker);
  });

  test("names that do not fit are counted", () =>
    expect(driftMarker("7f3a", names(`file:/${"x".repeat(500)}`))).toMatch(
      /^# drifted since apply 7f3a: and 1 more \([0-9a-f]{8}\)$/,
    ));

  test.each(["file:/etc/a b", "sysctl:a;reboot", "file:$(id)", "file:a\nreboot", ""])("refuses %j", (name) =>
    expect(() => driftMarker("7f3a", names(name))).toThrow("cannot be part of a command line"),
  );

  test("it is one short line of comment, whatever the node says its last apply was", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "binary" }),
        fc.array(fc.stringMatching(/^[a-z_]+:[A-Za-z0-9_.:@/+=,*%-]+$/)),
        (id, keys) => {
          const marker = driftMarker(id, names(...keys));
          return keys.length === 0
            ? marker === ""
            : /^# [ -~]{1,600}$/.test(marker) && !/[;&|$`'"\\<>]/.test(marker);
        },
      ),
    );
  });
});

describe("host keys", () => {
  const line = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl comment";

  test("a line of authorized_keys", () => {
    const key = parseHostKey(` ${line}\n`);
    expect(key.type).toBe("ssh-ed25519");
    expect(fingerprint(key.blob)).toBe("SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU");
  });

  test.each([
    "",
    "ssh-ed25519",
    "ssh-rsa AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0",
    "ssh-ed25519 !!!!",
    "AAAAC3NzaC1lZDI1NTE5AAAA",
  ])("%j is none", (text) => expect(() => parseHostKey(text)).toThrow("not of the form"));

  test("no type in bytes that are no key", () => {
    expect(keyType(Buffer.alloc(3))).toBe("");
    expect(keyType(Buffer.from([0xff, 0xff, 0xff, 0xff, 1]))).toBe("");
  });

  test("the expected type is asked for first, and RSA never with SHA-1", () => {
    expect(hostKeyAlgorithms("ecdsa-sha2-nistp256")[0]).toBe("ecdsa-sha2-nistp256");
    expect(hostKeyAlgorithms("ssh-rsa").slice(0, 2)).toEqual(["rsa-sha2-512", "rsa-sha2-256"]);
    expect(hostKeyAlgorithms(undefined)[0]).toBe("ssh-ed25519");
    for (const type of [undefined, "ssh-rsa", "ssh-ed25519"]) {
      const offered = hostKeyAlgorithms(type);
      expect(offered).not.toContain("ssh-rsa");
      expect(new Set(offered).size).toBe(offered.length);
    }
  });
});

test.each([
  ["192.0.2.1", "192.0.2.1:22"],
  ["2001:db8::1", "[2001:db8::1]:22"],
])("the address of %s", (host, expected) => expect(address({ host, port: 22 })).toBe(expected));
