import { signedAptRepository } from "../support/apt-repository";
import type { SignedRepository } from "../support/packages";
import { crioPackage, dockerPackages, emptyPackage, mirantisPackages } from "../support/runtime-stand-ins";
import { bareFingerprint } from "./support/bare-fingerprint";
import { FileServer } from "./support/file-server";
import { compare, fingerprint } from "./support/fingerprint";
import { localRepository, putRepository } from "./support/local-repository";
import type { TestMachine } from "./support/machine";
import { preparedCluster, preparedConfig, type PreparedCluster } from "./support/prepared-cluster";
import type { Stack } from "./support/stack";
import { criDockerdRelease, type StandInRelease } from "./support/stand-in-release";

/*
 * Runtimes that cannot be had here, through the engine and under the real systemd and apt: packages with the real
 * names, units, sockets and paths whose programs do nothing but answer (tests/support/runtime-stand-ins.ts).
 */
type Checks = readonly (readonly [command: string, answer: string])[];

const [crioVersion, engineVersion] = ["1.34.2-1.1", "25.0.9-3"];
const packages = "dpkg-query -W -f '${Package} ${Version} ${Status}\\n'";
const sources = "cat /etc/apt/sources.list.d/nodeprep-runtime.sources | grep -e ^URIs -e ^Signed";

const crioRuns: Checks = [
  [`${packages} cri-o`, `cri-o ${crioVersion} hold ok installed`],
  ["systemctl is-active crio; systemctl is-enabled crio", "active\nenabled"],
  ["crio status info | head -n 1", "cgroup driver: systemd"],
  [sources, `URIs: file:${localRepository}\nSigned-By: /etc/apt/keyrings/nodeprep-runtime.asc`],
  // nothing of the runtime before
  ["systemctl is-active containerd; pgrep -c containerd; ls /etc/containerd", "inactive\n0"],
];

const dockerRuns: Checks = [
  ["apt-mark showhold | tr '\\n' ' '", "containerd.io docker-ce docker-ce-cli"],
  ["systemctl is-active docker cri-docker.socket cri-docker | tr '\\n' ' '", "active active active"],
  ["systemctl show -P ExecStart cri-docker | grep -o 'path=[^ ]*'", "path=/usr/local/bin/cri-dockerd"],
  ["stat -c '%F %a %U:%G' /run/cri-dockerd.sock", "socket 660 root:docker"],
  ["stat -c '%a %U' /usr/local/bin/cri-dockerd", "755 root"],
  ["systemctl list-unit-files --no-legend 'crio*' | wc -l; ls -d /etc/crio", "0"],
];

const mirantisRuns: Checks = [
  ["apt-mark showhold | tr '\\n' ' '", "containerd.io cri-dockerd docker-ee docker-ee-cli"],
  ["systemctl is-active docker cri-docker.socket cri-docker | tr '\\n' ' '", "active active active"],
  ["systemctl show -P ExecStart cri-docker | grep -o 'path=[^ ]*'", "path=/usr/bin/cri-dockerd"],
  ["systemctl show -P Listen cri-docker.socket", "/run/mcr/cri-dockerd.sock (Stream)"],
  ["docker info", "systemd 25.0.9"],
  // of the release before
  ["ls /usr/local/bin/cri-dockerd /etc/systemd/system/cri-docker.service /run/cri-dockerd.sock", ""],
];

/** What the kernel keeps: docker.test.ts has the same. Docker's group goes with its last package. */
const unowned = /^[+-] (module|sysctl) /;

describe("a node changes between runtimes that cannot be had here", () => {
  let cluster: PreparedCluster;
  let machine: TestMachine;
  let stack: Stack;
  let repository: SignedRepository;
  let release: StandInRelease;
  let server: FileServer;
  let bare: string;

  const answers = async (asked: Checks) => {
    for (const [command, answer] of asked)
      expect([command, (await machine.sh(`{ ${command}; } 2>/dev/null || :`)).trim()]).toEqual([
        command,
        answer,
      ]);
  };
  const withRuntime = (runtime: Readonly<Record<string, unknown>>) => {
    const { key, fingerprint: signer } = repository;
    const from = { url: `file:${localRepository}`, suite: "./", key, fingerprint: signer };
    return stack.configure({ ...preparedConfig(machine), runtime: { ...runtime, repository: from } });
  };
  const docker = (from: { readonly url: string } | { readonly file: string }, sha256: string) =>
    withRuntime({
      ...{ type: "docker", source: "docker", version: engineVersion },
      criDockerd: { release: { version: "0.3.21", ...from, sha256: { amd64: sha256 } } },
    });
  const nodeOutputs = async () => ((await stack.outputs())["nodes"] as Record<string, unknown>)["node-0"];

  beforeAll(async () => {
    repository = await signedAptRepository([
      ...[crioPackage(crioVersion), emptyPackage("apparmor")],
      ...[...dockerPackages(engineVersion), ...mirantisPackages(engineVersion)],
    ]);
    release = await criDockerdRelease();
    server = await FileServer.open({ "cri-dockerd.tgz": release.file });
    bare = await bareFingerprint();
    cluster = await preparedCluster();
    ({ machine, stack } = cluster);
    await putRepository(machine, repository);
  });
  afterAll(async () => {
    server.close();
    await release.remove();
    await cluster.stop();
  });

  it("CRI-O takes containerd's place", async () => {
    await withRuntime({ type: "cri-o", version: crioVersion });
    await stack.up();
    await answers(crioRuns);
    expect(await nodeOutputs()).toMatchObject({
      ...{ runtime: "cri-o", runtimeVersion: "1.34.2", criSocket: "unix:///var/run/crio/crio.sock" },
    });
  });

  it("and is seen and repaired where somebody has changed it", async () => {
    await machine.sh(
      `sed -i 's/"systemd"/"cgroupfs"/' /etc/crio/crio.conf.d/02-cgroup-manager.conf; systemctl restart crio; apt-mark -q unhold cri-o`,
    );
    const preview = await stack.preview();
    expect(preview.changes).toEqual(["node-0-container-runtime: update"]);
    expect(preview.warnings).toEqual(
      expect.arrayContaining([
        expect.stringContaining("package:cri-o is not held"),
        expect.stringContaining('other content (line 3 is "cgroup_manager = "cgroupfs""'),
        expect.stringContaining("cgroup_driver:crio is cgroupfs, must be systemd"),
      ]),
    );
    await stack.up();
    await answers(crioRuns);
    await stack.expectNoChanges();
  });

  it("Docker's packages and cri-dockerd's release take CRI-O's, but for one with another sum", async () => {
    await docker({ url: server.url("cri-dockerd.tgz") }, "0".repeat(64));
    const failed = await stack.tryUp();
    expect([failed.code === 0, failed.stdout + failed.stderr]).toEqual([
      false,
      expect.stringContaining(`has SHA-256 ${release.sha256} (`),
    ]);
    expect(await machine.sh("test -e /usr/local/bin/cri-dockerd || echo none")).toBe("none\n");
    // this time from a file of this machine
    await docker({ file: release.file }, release.sha256);
    expect(await stack.up()).toContain("pushing cri-dockerd.tgz");
    await answers(dockerRuns);
    expect(await nodeOutputs()).toMatchObject({
      ...{ runtime: "docker", runtimeVersion: "25.0.9", criSocket: "unix:///run/cri-dockerd.sock" },
    });
  });

  it("Mirantis takes Docker's, with the socket that its unit names", async () => {
    await withRuntime({ type: "mirantis", version: engineVersion });
    const first = await stack.tryUp();
    expect([first.code === 0, first.stdout + first.stderr]).toEqual([
      false,
      expect.stringContaining("/run/mcr/cri-dockerd.sock"),
    ]);
    await stack.up();
    await answers(mirantisRuns);
    await stack.expectNoChanges();
    expect(await nodeOutputs()).toMatchObject({
      ...{ runtime: "mirantis", runtimeVersion: "25.0.9", criSocket: "unix:///run/mcr/cri-dockerd.sock" },
    });
  });

  it("is given back as it was found", async () => {
    await stack.destroy();
    expect(compare(bare, await fingerprint(machine)).filter((line) => !unowned.test(line))).toEqual([]);
  });
});
