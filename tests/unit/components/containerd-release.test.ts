import { containerRuntime, type ContainerRuntimeArgs } from "../../../components/container-runtime";
import type { Facts } from "../../../plan/facts";
import { requirementName } from "../../../plan/requirement";
import { context, facts } from "./fixtures";

const sum = (digit: string): string => digit.repeat(64);

const args: ContainerRuntimeArgs = {
  type: "containerd",
  source: "release",
  cgroupDriver: "systemd",
  sandboxImage: "registry.k8s.io/pause:3.10.1",
  release: {
    version: "2.2.0",
    url: "https://example.org/containerd-{version}-linux-{arch}.tar.gz",
    sha256: { amd64: sum("a"), arm64: sum("b") },
    directory: "/bin",
    runc: { version: "1.3.3", url: "https://example.org/runc.{arch}", sha256: { amd64: sum("c") } },
  },
};

const plan = (more: Partial<Facts> = {}, other: Partial<ContainerRuntimeArgs> = {}) =>
  containerRuntime.requirements({ ...args, ...other }, { ...facts, ...more }, context);
const find = (name: string, ...words: Parameters<typeof plan>) =>
  plan(...words).find((requirement) => requirementName(requirement) === name);

describe("containerd from its project's release", () => {
  test("is brought, configured and then started", () => {
    expect(plan().map(requirementName)).toEqual([
      "package:ca-certificates",
      "package:curl",
      "package:tar",
      "package:gzip",
      "download:containerd",
      "download:/usr/local/bin/runc",
      "file:/etc/systemd/system/containerd.service",
      "leftovers:containerd",
      "directory:/etc/containerd",
      "directory:/etc/containerd/certs.d",
      "directory:/etc/cni",
      "directory:/etc/cni/net.d",
      "file:/etc/containerd/config.toml",
      "service:containerd.service",
      "cgroup_driver:containerd",
    ]);
    expect(find("service:containerd.service")?.value).toBe(
      "enabled active restart-after=download:containerd," +
        "file:/etc/systemd/system/containerd.service,file:/etc/containerd/config.toml",
    );
  });

  test("takes what is for the node's architecture", () => {
    expect(find("download:containerd")?.value).toBe(
      "into=/bin owner=root:root from=bin members=containerd,containerd-shim-runc-v2,ctr " +
        `sha256=${sum("a")} version=2.2.0 url=https://example.org/containerd-2.2.0-linux-amd64.tar.gz`,
    );
    const runc = { version: "1.3.3", url: "https://example.org/runc.{arch}", sha256: { arm64: sum("d") } };
    const arm = { architecture: "aarch64" };
    const release = { ...args.release!, runc };
    expect(find("download:containerd", arm, { release })?.value).toContain("linux-arm64.tar.gz");
    expect(find("download:/usr/local/bin/runc", arm, { release })?.value).toBe(
      `mode=0755 owner=root:root sha256=${sum("d")} version=1.3.3 url=https://example.org/runc.arm64`,
    );
  });

  test("is pushed from files, for which the node needs only what unpacks them", () => {
    const file = "downloads/containerd-{version}-linux-{arch}.tar.gz";
    const runc = { ...args.release!.runc, file: "downloads/runc" };
    const planned = plan({}, { release: { ...args.release!, file, runc } });
    expect(planned.slice(0, 4).map(requirementName)).toEqual([
      ...["package:tar", "package:gzip"],
      ...["download:containerd", "download:/usr/local/bin/runc"],
    ]);
    expect(planned[2]).toMatchObject({
      value: expect.stringMatching(
        / version=2\.2\.0 url=pushed:containerd-2\.2\.0-linux-amd64\.tar\.gz$/,
      ) as string,
      localFile: "downloads/containerd-2.2.0-linux-amd64.tar.gz",
    });
    expect(planned[3]).toMatchObject({
      value: `mode=0755 owner=root:root sha256=${sum("c")} version=1.3.3 url=pushed:runc`,
      localFile: "downloads/runc",
    });
    const mixed = plan({}, { release: { ...args.release!, file } });
    expect(mixed.map(requirementName)).toContain("package:curl");
  });

  test.each<[string, string, RegExp]>([
    ["has no sum", "aarch64", /runtime\.release\.runc\.sha256 has no SHA-256 for arm64/],
    ["has no release", "riscv64", /its architecture riscv64 is none of/],
  ])("is refused where the architecture %s", (_title, architecture, message) => {
    expect(() => plan({ architecture })).toThrow(message);
  });

  test("has a configuration in schema 3 that names its runc, and that containerd itself must accept", () => {
    const config = find("file:/etc/containerd/config.toml");
    expect(config?.body).toContain("version = 3\n");
    expect(config?.body).toContain('BinaryName = "/usr/local/bin/runc"');
    expect(config?.value).toMatch(/ check=containerd$/);
  });

  test("has the unit of document 004, in the directory that was chosen", () => {
    const unit = (release = args.release!) =>
      find("file:/etc/systemd/system/containerd.service", {}, { release })?.body?.split("\n");
    expect(unit()).toEqual(
      expect.arrayContaining([
        "Description=containerd container runtime",
        "Documentation=https://containerd.io",
        "ExecStart=/bin/containerd",
        ...["Restart=always", "RestartSec=5", "Delegate=yes", "KillMode=process", "OOMScoreAdjust=-999"],
        ...["LimitNOFILE=1048576", "LimitNPROC=infinity", "LimitCORE=infinity", "WantedBy=multi-user.target"],
      ]),
    );
    expect(unit({ ...args.release!, directory: "/usr/local/bin" })).toContain(
      "ExecStart=/usr/local/bin/containerd",
    );
  });

  test("asks for no package's version, and needs no package manager's containerd", () => {
    expect(containerRuntime.asks?.(args).packages).toEqual([]);
    expect(() => plan({ packageManager: "dnf", osId: "rocky", osVersion: "9" })).not.toThrow();
  });
});

describe("mirrors of registries", () => {
  const mirrors = {
    "docker.io": [{ url: "https://one.example.org" }, { url: "http://two.example.org:5000/v2" }],
    "registry.example.org:5000": [{ url: "https://one.example.org" }],
    "none.example.org": [],
  };

  test("are a hosts.toml each, and restart nothing", () => {
    const planned = plan({}, { registryMirrors: mirrors });
    expect(planned.map(requirementName).filter((name) => /certs\.d\/./.test(name))).toEqual([
      "directory:/etc/containerd/certs.d/docker.io",
      "file:/etc/containerd/certs.d/docker.io/hosts.toml",
      "directory:/etc/containerd/certs.d/registry.example.org:5000",
      "file:/etc/containerd/certs.d/registry.example.org:5000/hosts.toml",
    ]);
    expect(planned.find(({ kind }) => kind === "service")?.value).not.toContain("certs.d");
    expect(planned.find(({ key }) => key.endsWith("docker.io/hosts.toml"))?.body).toBe(
      `# Written by nodeprep.
server = "https://registry-1.docker.io"

[host."https://one.example.org"]
capabilities = [ "pull", "resolve" ]

[host."http://two.example.org:5000/v2"]
capabilities = [ "pull", "resolve" ]`,
    );
  });
});

test("a release is looked up in the table of versions, too", () => {
  const node = { ...context, kubernetesVersion: "1.36.0" };
  const warned = (version: string) =>
    containerRuntime.warnings?.({ ...args, release: { ...args.release!, version } }, facts, {
      ...{ node, requirements: [], differing: [] },
    });
  expect(warned("1.7.28")).toEqual([expect.stringContaining("containerd 1.7.28 is of the 1.x series")]);
  expect(warned("2.2.0")).toEqual([]);
});

describe("runc of a distribution", () => {
  const distribution = { ...args, source: "distribution" as const };
  const { release: _, ...packaged } = distribution;
  const planned = (runc: string) =>
    containerRuntime.requirements(packaged, { ...facts, packages: { runc: { candidate: runc } } }, context);

  test("is refused where it is older than the oldest fix, as its number tells", () => {
    expect(() => planned("1.0.0~rc6+dfsg1-3")).toThrow(
      /runc 1\.0\.0~rc6\S* .*CVE-2019-5736.*use runc 1\.0\.0-rc7 or newer/,
    );
    expect(() => planned("1.1.5+ds1-1+deb12u1")).not.toThrow();
  });
});
