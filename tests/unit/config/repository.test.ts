import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fingerprintsOf } from "../../../config/openpgp";
import { key, fingerprint } from "./pgp-key";

/** What gpg itself says of a key that it has just made. */
const withGpg = existsSync("/usr/bin/gpg") ? it : it.skip;

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

  it.each([
    "",
    "AAAA",
    key.slice(0, 100),
    "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n////\n-----END PGP PUBLIC KEY BLOCK-----",
  ])("is none of %j", (text) => expect(fingerprintsOf(text)).toBeUndefined());
});
