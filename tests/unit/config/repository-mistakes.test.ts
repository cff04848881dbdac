import { config, mistakes } from "./fixtures";
import { fingerprint, key, second, secondFingerprint } from "./pgp-key";

test.each<[Record<string, unknown>, string]>([
  [
    { runtime: { source: "docker", version: "1.7.28-1" } },
    "runtime.repository.key: is missing; Docker's repository is signed",
  ],
  [{ runtime: { repository: { key } } }, "runtime.repository.url: is missing; say where the packages are"],
  [
    { runtime: { source: "docker", version: "1.7.28-1", repository: { key } } },
    `runtime.repository.key: ${fingerprint} is another key than 9DC858229FC7DD38854AE2D88D81803C0EBFCD88 or`,
  ],
  [
    { runtime: { repository: { url: "https://x.example/", key, fingerprint: "0".repeat(40) } } },
    "is another key than 0000000000000000000000000000000000000000; get the right key",
  ],
  [
    { runtime: { repository: { url: "https://x.example/", key: `${key}${second}`, fingerprint } } },
    `runtime.repository.key: ${secondFingerprint} is another key than ${fingerprint}; take it out of the file: packages that it has signed`,
  ],
  [
    { runtime: { repository: { url: "https://x.example/", key: "hello" } } },
    "holds no PGP public key in ASCII armor, or not that alone; bring a binary one into that form with `gpg --no-default-keyring --keyring /path/to/the.gpg --armor --export` (an absolute path), or download the .asc",
  ],
  [
    { runtime: { repository: { url: "https://x.example/", key, keyFile: "/k" } } },
    "runtime.repository: has both key and keyFile; remove one of them",
  ],
  [
    { runtime: { repository: { url: "https://x.example/", keyFile: "/nowhere.asc" } } },
    "runtime.repository.keyFile: /nowhere.asc does not exist; correct the path",
  ],
  [
    { runtime: { repository: { url: "https://me:word@x.example/", key } } },
    'runtime.repository.url: "the URL" holds credentials, must hold none',
  ],
  [{ runtime: { repository: { url: "ftp://x.example/", key } } }, "must be an http, https or file URL"],
])("%j: %s", (changes, expected) => {
  const found = mistakes(config(changes));
  expect(found).toHaveLength(1);
  expect(found[0]).toContain(expected);
});
