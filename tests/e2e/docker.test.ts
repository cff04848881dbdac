import { signedAptRepository } from "../support/apt-repository";
import { criDockerd } from "../support/stand-ins";
import { Baseline } from "./support/baseline";
import { makeImage } from "./support/container";
import { compare, fingerprint } from "./support/fingerprint";
import { localRepository, putRepository } from "./support/local-repository";
import { bareMachine, type TestMachine } from "./support/machine";
import { prepared } from "./support/prepared";
import { preparedCluster, preparedConfig, type PreparedCluster } from "./support/prepared-cluster";
import type { Stack } from "./support/stack";

const theirSettings = '{ "labels": ["theirs=1"], "shutdown-timeout": 1 }\n';

/**
 * What was there before: the owner's settings of a Docker to come (it waits less for its containers than they take to
 * stop), and a repository that has cri-dockerd.
 */
async function theirs(machine: TestMachine): Promise<void> {
  const repository = await signedAptRepository([criDockerd]);
  await putRepository(machine, repository);
  await machine.sh(`set -e
    mkdir -p /etc/docker
    printf %s '${theirSettings}' >/etc/docker/daemon.json
    cat >/etc/apt/keyrings/stand-ins.asc <<'END'
${repository.key}END
    printf 'Types: deb\nURIs: file:${localRepository}\nSuites: ./\nSigned-By: /etc/apt/keyrings/stand-ins.asc\n' \
      >/etc/apt/sources.list.d/stand-ins.sources
    apt-get -q update -o Dir::Etc::SourceList=/etc/apt/sources.list.d/stand-ins.sources -o Dir::Etc::SourceParts=- \
      -o APT::Get::List-Cleanup=0`);
}

/**
 * Modules that the kernel loaded when Docker asked for them, their settings, keys that differ with each run, and the
 * zone that Docker made in firewalld: without a reload it stays in the running one, with nothing in it.
 */
const unowned = /^[+-] (module|sysctl) |stand-ins\.asc|^\+ nft .*docker/;

/** The group that Docker's package made goes with the last package that was installed; so do other traces of packages. */
const untilTheEnd = /group docker:|etc\/g(roup|shadow)$/;

/** Each apply writes its record; firewalld keeps a zone's version before its last change. */
const ours = /var\/lib\/nodeprep|etc\/firewalld\/zones\/\w+\.xml\.old$/;

/** What a machine with Docker answers to plain commands. */
const checks: readonly (readonly [command: string, answer: string])[] = [
  [
    "docker info -f '{{.CgroupDriver}} {{.LoggingDriver}} {{.Driver}} {{.Labels}}'",
    "systemd json-file overlay2 [theirs=1]",
  ],
  ["systemctl is-active docker cri-docker.socket cri-docker | tr '\\n' ' '", "active active active"],
  ["systemctl is-enabled docker cri-docker.socket cri-docker | tr '\\n' ' '", "enabled enabled enabled"],
  ["systemctl show -P Listen cri-docker.socket", "/run/cri-dockerd.sock (Stream)"],
  ["test -S /run/cri-dockerd.sock && echo socket", "socket"],
  [
    "systemctl show -P ExecStart cri-docker | grep -o 'pod-infra-container-image=[^ ]*'",
    "pod-infra-container-image=registry.k8s.io/pause:3.10.1",
  ],
  // Docker's own containerd speaks no CRI: a kubelet is to find one runtime. What ran under the other has ended.
  ['ctr plugins ls | awk \'$2 == "cri" && $4 == "ok"\' | wc -l', "0"],
  ["ctr -n k8s.io tasks ls -q | wc -l; pgrep -cf 'containerd-shim.*k8s.io'", "0\n0"],
  ["grep -c k8s.io /proc/mounts", "0"],
  ["apt-mark showhold | tr '\\n' ' '", "containerd cri-dockerd docker.io"],
  [
    "tar -C /root/image/root -c . | docker import - local/small >/dev/null; docker run --rm local/small /bin/sh -c 'echo runs, as $$'",
    "runs, as 1",
  ],
  [
    "docker run -d --name small local/small /bin/sleep 1000 >/dev/null; ls -d /sys/fs/cgroup/system.slice/docker-*.scope | wc -l",
    "1",
  ],
  [
    "docker inspect -f '{{json .HostConfig.LogConfig}}' small",
    '{"Type":"json-file","Config":{"max-size":"100m"}}',
  ],
];

/** What is left of Docker once another runtime has its place. */
const gone: readonly (readonly [command: string, answer: string])[] = [
  ["pgrep -lf 'docker|namespace moby'", ""],
  ["grep docker /proc/mounts", ""],
  ["systemctl list-units --all --no-legend 'docker*' 'cri-docker*' | wc -l", "0"],
  // iptables itself went with Docker; firewalld's own table keeps an idle zone.
  ["nft list tables | grep -cE '^table ip6? (filter|nat)$'", "0"],
  ["ls /etc/firewalld/zones | grep -c docker", "0"],
  ["ls -d /sys/class/net/docker0 /run/cri-dockerd.sock /run/docker* 2>/dev/null", ""],
  ["cat /etc/docker/daemon.json", theirSettings.trim()],
];

describe("a node changes from containerd to Docker Engine and back", () => {
  let cluster: PreparedCluster;
  let machine: TestMachine;
  let stack: Stack;
  let bare: string;
  let before: string;
  let baseline: Baseline;

  const answers = async (asked: typeof checks) => {
    for (const [command, answer] of asked)
      expect([command, (await machine.sh(`{ ${command}; } 2>&1 || :`)).trim()]).toEqual([command, answer]);
  };
  const withRuntime = (runtime: Readonly<Record<string, unknown>>) =>
    stack.configure({ ...preparedConfig(machine), runtime });

  beforeAll(async () => {
    const untouched = await bareMachine();
    await theirs(untouched);
    bare = await fingerprint(untouched);
    await untouched.stop();
    cluster = await preparedCluster();
    ({ machine, stack } = cluster);
    await theirs(machine);
    before = await fingerprint(machine);
    baseline = await Baseline.of(cluster);
  });
  afterAll(() => cluster.stop());

  it("runs containers with Docker, with the owner's settings", async () => {
    await machine.sh(makeImage("example.org/pod:1"));
    await machine.sh(
      "ctr -n k8s.io run -d example.org/pod:1 pod && ctr -n k8s.io tasks ls -q | grep -qx pod",
    );
    await withRuntime({ type: "docker" });
    await stack.up();
    await answers(checks);
    await stack.expectNoChanges();
    expect((await stack.outputs())["nodes"]).toMatchObject({
      "node-0": {
        runtime: "docker",
        criSocket: "unix:///run/cri-dockerd.sock",
        runtimeVersion: expect.stringMatching(/^20\.10/) as unknown,
      },
    });
  });

  it("shows whatever is done to what Docker needs, and is repaired", async () => {
    expect(await baseline.tamperWithMore()).toEqual([]);
    await machine.sh("docker start small");
    await stack.expectNoChanges();
  });

  it("says what becomes of the containers that run", async () => {
    await withRuntime({ type: "containerd" });
    expect((await stack.preview()).warnings).toContainEqual(
      expect.stringMatching(
        /puts containerd in the place of docker while 1 container runs .*docker's containers end, containerd takes none over/,
      ),
    );
  });

  it("has nothing of Docker left with containerd", async () => {
    await machine.sh("rm -rf /root/image");
    await stack.up();
    await answers(gone);
    expect(await prepared(machine)).toEqual([]);
    const differences = compare(before, await fingerprint(machine)).filter((line) => !ours.test(line));
    expect(differences.filter((line) => !unowned.test(line) && !untilTheEnd.test(line))).toEqual([]);
  });

  it("is given back as it was found", async () => {
    await stack.destroy();
    expect(compare(bare, await fingerprint(machine)).filter((line) => !unowned.test(line))).toEqual([]);
  });
});
