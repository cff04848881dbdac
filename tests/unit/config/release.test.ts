import { cluster, config, mistakes, type Mapping } from "./fixtures";

const sum = (digit: string): string => digit.repeat(64);

const release: Mapping = {
  version: "2.2.0",
  sha256: { amd64: sum("a") },
  runc: { version: "1.3.3", sha256: { amd64: sum("b"), arm64: sum("c") } },
};
const runtime = (changes: Mapping = {}): Mapping => ({ source: "release", release, ...changes });
const found = (changes: Mapping) => mistakes(config({ runtime: runtime(changes) }));

describe("a runtime from its project's release", () => {
  test("has its projects' own URLs", () => {
    expect(cluster(config({ runtime: runtime() })).runtime).toMatchObject({
      type: "containerd",
      source: "release",
      registryMirrors: {},
      release: {
        version: "2.2.0",
        url: "https://github.com/containerd/containerd/releases/download/v{version}/containerd-{version}-linux-{arch}.tar.gz",
        sha256: { amd64: sum("a") },
        directory: "/bin",
        runc: {
          version: "1.3.3",
          url: "https://github.com/opencontainers/runc/releases/download/v{version}/runc.{arch}",
          sha256: { amd64: sum("b"), arm64: sum("c") },
        },
      },
    });
  });

  test.each<[string, Mapping, readonly string[]]>([
    ["nothing of it", { release: undefined }, ["runtime.release: is missing, must have version, sha256"]],
    [
      "a package's version",
      { version: "1.6.20~ds1-1" },
      ["runtime.version: 1.6.20~ds1-1 is a package's version"],
    ],
    ["no sum", { release: { ...release, sha256: undefined } }, ["runtime.release.sha256: is missing"]],
    ["no runc", { release: { ...release, runc: undefined } }, ["runtime.release.runc: is missing"]],
    ["a version with v", { release: { ...release, version: "v2.2.0" } }, ["v2.2.0 must be a whole version"]],
    [
      "a runc that lets containers out",
      { release: { ...release, runc: { version: "1.3.2", sha256: { amd64: sum("b") } } } },
      [
        "runtime.release.runc.version: 1.3.2 lets containers out to the node (CVE-2025-31133, CVE-2025-52565 and CVE-2025-52881); use 1.2.8, 1.3.3 or 1.4.0-rc.3, or a newer one",
      ],
    ],
    [
      "half a sum",
      { release: { ...release, sha256: { amd64: "abc" } } },
      ["runtime.release.sha256.amd64: abc must be 64 hexadecimal digits"],
    ],
    [
      "no URL",
      { release: { ...release, url: "example.org" } },
      ["runtime.release.url: example.org must be a URL that begins with"],
    ],
    [
      "another directory",
      { release: { ...release, directory: "/opt" } },
      ["must be /bin, /usr/bin or /usr/local/bin"],
    ],
    [
      "another source",
      { source: "distribution" },
      ["runtime.release: goes with source release, and runtime.source is distribution"],
    ],
    [
      "a mirror without scheme",
      { registryMirrors: { "docker.io": ["mirror.example.org"] } },
      ["must be an http or https URL without a password or query"],
    ],
    [
      "a registry that is none",
      { registryMirrors: { "https://docker.io": [] } },
      ["runtime.registryMirrors"],
    ],
  ])("is refused with %s", (_title, changes, expected) => {
    const problems = found(changes);
    expect(problems).toHaveLength(expected.length);
    for (const [index, text] of expected.entries()) expect(problems[index]).toContain(text);
  });

  test.each([
    [{ release: { ...release, url: "https://me:pass-word@example.org/x" } }, "no password in it"],
    [{ release: { ...release, url: "me:pass-word@example.org/x" } }, "must be a URL that begins with"],
    [{ registryMirrors: { "docker.io": ["https://me:pass-word@example.org"] } }, "without a password"],
  ])("is refused with a password in a URL, which is not repeated", (changes, expected) => {
    expect(found(changes)).toEqual([expect.stringContaining(expected)]);
    expect(found(changes).join()).not.toContain("pass-word");
  });
});
