import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fingerprintsOf } from "../../../config/openpgp";
import { key, fingerprint } from "./pgp-key";

/** What gpg itself says of a key that it has just made. */
const withGpg = existsSync("/usr/bin/gpg") ? it : it.skip;

/** A packet of OpenPGP, in the new format. */
const packet = (tag: number, ...body: number[]): Buffer => Buffer.from([0xc0 | tag, body.length, ...body]);

const armored = (...packets: Buffer[]): string =>
  `-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n${Buffer.concat(packets).toString("base64")}\n-----END PGP PUBLIC KEY BLOCK-----\n`;

describe("the fingerprint of a repository's key", () => {
  it("is read from the armored block, whatever is around it", () => {
    expect(fingerprintsOf(key)).toEqual([fingerprint]);
    expect(fingerprintsOf(`notes\n${key.replace("BLOCK-----\n", "BLOCK-----\nComment: x\n")}\nmore`)).toEqual(
      [fingerprint],
    );
    expect(fingerprintsOf(key.replaceAll("\n", "\r\n"))).toEqual([fingerprint]);
  });

  withGpg.each(["rsa2048", "ed25519"])("is gpg's own for a new key of kind %s", (kind) => {
    const home = mkdtempSync(join(tmpdir(), "nodeprep-gpg-"));
    const gpg = (...words: string[]): string =>
      execFileSync("gpg", ["--homedir", home, "--batch", ...words], {
        encoding: "utf8",
        stdio: ["ignore", "pipe", "ignore"],
      });
    gpg("--passphrase", "", "--quick-gen-key", "t@example.org", kind, "sign", "0");
    const said = /^fpr:+([0-9A-F]{40}):/m.exec(gpg("--with-colons", "--fingerprint"))?.[1];
    expect(fingerprintsOf(gpg("--armor", "--export"))).toEqual([said]);
    execFileSync("gpgconf", ["--homedir", home, "--kill", "gpg-agent"]);
    rmSync(home, { recursive: true, force: true });
  });

  it("is that of each key: of all in a block, and of all blocks", () => {
    const [one, other] = [1, 2].map((part) => packet(6, 4, part));
    const both = [one, other].map((data) => fingerprintsOf(armored(data!))?.[0]);
    expect(new Set(both).size).toBe(2);
    expect(fingerprintsOf(armored(one!, packet(13, 120), other!))).toEqual(both);
    expect(fingerprintsOf(`${armored(one!)}${armored(other!)}`)).toEqual(both);
    expect(fingerprintsOf(`${key}\n${armored(other!)}`)).toEqual([fingerprint, both[1]]);
  });

  it.each([
    ["a key of another version", armored(packet(6, 4), packet(6, 6))],
    ["something that is no part of a key", armored(packet(6, 4), packet(8, 0, 6, 4))],
    ["a part that has no length", armored(packet(6, 4), Buffer.from([0x9b, 4]))],
    ["a part that breaks off", armored(packet(6, 4), Buffer.from([0xc6, 9, 4]))],
    ["a second text within the text", armored(packet(6, 4)).replace("\n-----END", "xg==\nxgEE\n-----END")],
    ["a block of another kind", `${key}${armored(packet(6, 4)).replaceAll("PUBLIC", "SECRET")}`],
  ])("is not told where there is %s, too", (_, text) => expect(fingerprintsOf(text)).toBeUndefined());

  it.each([
    "",
    "AAAA",
    key.slice(0, 100),
    "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n////\n-----END PGP PUBLIC KEY BLOCK-----",
  ])("is none of %j", (text) => expect(fingerprintsOf(text)).toBeUndefined());
});
