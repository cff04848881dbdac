import { serve, type Web } from "../../lab/web";
import { debianRpms, type RpmRepositories } from "../support/debian-rpms";
import { clusterConfig } from "./support/config";
import { makeImage } from "./support/container";
import { compare, fingerprint } from "./support/fingerprint";
import { bareMachine, leave, type TestMachine } from "./support/machine";
import { prepared } from "./support/prepared";
import { Stack } from "./support/stack";

/*
 * A machine of the RHEL family, as far as one can be had: Debian's dnf 4 and rpm, Rocky Linux's os-release and dnf.conf,
 * and signed repositories of rpms. firewalld, containerd, runc, Docker Engine, iptables and the CNI plugins in them are
 * Debian's programs; cri-dockerd is a stand-in that holds its socket; bash, nftables and container-selinux are empty.
 * Kernel, systemd and sshd are Debian's, and there is no SELinux.
 */

/** What was there before: the repository of the distribution, whose key rpm knows. */
async function theirs(machine: TestMachine, { rocky }: RpmRepositories, web: Web): Promise<void> {
  await machine.sh(`set -e
    cat >/etc/pki/rpm-gpg/RPM-GPG-KEY-Rocky-9 <<'END'
${rocky.key}END
    rpm --import /etc/pki/rpm-gpg/RPM-GPG-KEY-Rocky-9
    printf '[appstream]\\nname=Rocky Linux $releasever\\nbaseurl=${web.url}/${rocky.path}\\ngpgcheck=1\\ngpgkey=file:///etc/pki/rpm-gpg/RPM-GPG-KEY-Rocky-9\\n' \
      >/etc/yum.repos.d/rocky.repo`);
}

const repositoryFile = "/etc/yum.repos.d/nodeprep-runtime.repo";

type Checks = readonly (readonly [command: string, answer: string])[];

const withContainerd: Checks = [
  ["rpm -q --qf '%{NAME} %{VERSION}-%{RELEASE}\\n' containerd.io", "containerd.io 1.6.20-1"],
  [
    "rpm -q firewalld containernetworking-plugins nftables | sed 's/-[0-9].*//'",
    "firewalld\ncontainernetworking-plugins\nnftables",
  ],
  ["sed -n s/^excludepkgs=//p /etc/dnf/dnf.conf", "containerd.io"],
  ["sed -n '/^gpgcheck=/p' " + repositoryFile, "gpgcheck=1"],
  ["rpm -q --qf '%{SIGPGP:pgpsig}%{RSAHEADER:pgpsig}' containerd.io | grep -c 'Key ID'", "1"],
  // Docker's package comes with CRI switched off.
  ['ctr plugins ls | awk \'$2 == "cri" && $4 == "ok"\' | wc -l', "1"],
  ["readlink /opt/cni/bin/bridge", "/usr/libexec/cni/bridge"],
  ["systemctl is-active nodeprep-pod-masquerade", "active"],
];

const withDocker: Checks = [
  [
    "rpm -q docker-ce docker-ce-cli cri-dockerd | sed 's/-[0-9].*//'",
    "docker-ce\ndocker-ce-cli\ncri-dockerd",
  ],
  ["docker info -f '{{.CgroupDriver}} {{.LoggingDriver}} {{.Driver}}'", "systemd json-file overlay2"],
  ["systemctl is-active docker cri-docker.socket cri-docker | tr '\\n' ' '", "active active active"],
  ["systemctl show -P Listen cri-docker.socket", "/run/cri-dockerd.sock (Stream)"],
  ['ctr plugins ls | awk \'$2 == "cri" && $4 == "ok"\' | wc -l', "0"],
  [
    "sed -n s/^excludepkgs=//p /etc/dnf/dnf.conf | tr ' ' '\\n' | sort | tr '\\n' ' '",
    "containerd.io cri-dockerd docker-ce docker-ce-cli",
  ],
  // Debian's kernel has AppArmor, those of the RHEL family have not: nothing brings its parser there
  [
    "tar -C /root/image/root -c . | docker import - local/small >/dev/null; docker run --rm --security-opt apparmor=unconfined local/small /bin/sh -c 'echo runs, as $$'",
    "runs, as 1",
  ],
];

/**
 * What the owner of the machine would expect: modules that the kernel loaded when Docker asked for them, their settings,
 * the zone that Docker made in the running firewalld, and polkit, which starts when somebody asks it.
 */
const unowned = /^[+-] (module|sysctl) |^\+ nft .*docker|^\+ unit polkit\.service /;

describe("a machine with dnf, as of the RHEL family", () => {
  let machine: TestMachine;
  let stack: Stack;
  let web: Web;
  let rpms: RpmRepositories;
  let found: string;

  const answers = async (asked: Checks) => {
    for (const [command, answer] of asked)
      expect([command, (await machine.sh(`{ ${command}; } 2>&1 || :`)).trim()]).toEqual([command, answer]);
  };
  const config = (runtime: Readonly<Record<string, unknown>>) =>
    clusterConfig(
      { "node-0": { machine, role: "worker", podSubnet: "10.200.0.0/24" } },
      {
        cni: { type: "bridge", plugins: "distribution" },
        runtime: {
          source: "docker",
          repository: { url: `${web.url}/${rpms.docker.path}`, key: rpms.docker.key },
          ...runtime,
        },
      },
    );

  beforeAll(async () => {
    machine = await bareMachine("dnf");
    rpms = await debianRpms(machine.image.debs);
    web = await serve(rpms.folder, rpms.files);
    await theirs(machine, rpms, web);
    found = await fingerprint(machine);
    stack = await Stack.create(config({ type: "containerd", version: "1.6.20-1" }));
  });
  afterAll(async () => {
    await leave(stack, machine);
    web.close();
  });

  it("is prepared, with packages through dnf", async () => {
    await stack.up();
    expect(await prepared(machine)).toEqual([]);
    await answers(withContainerd);
    await stack.expectNoChanges();
    expect((await stack.outputs())["nodes"]).toMatchObject({
      "node-0": { os: "Rocky Linux 9.6 (Blue Onyx)", runtime: "containerd", runtimeVersion: "1.6.20~ds1" },
    });
  });

  it("previews what was done to packages, hold and repository, and repairs it", async () => {
    const drift = async () => {
      const { changes, warnings } = await stack.preview();
      const named = warnings.filter((text) => text.startsWith("node-0: "));
      return { changes, named: named.map((text) => text.slice("node-0: ".length)).sort() };
    };
    await machine.sh(
      `sed -i /^excludepkgs=/d /etc/dnf/dnf.conf; sed -i s/gpgcheck=1/gpgcheck=0/ ${repositoryFile}`,
    );
    expect(await drift()).toEqual({
      changes: ["node-0-container-runtime: update"],
      named: [
        expect.stringMatching(
          /^file:\/etc\/yum\.repos\.d\/nodeprep-runtime\.repo has other content .*gpgcheck=0/,
        ),
        expect.stringMatching(/^package:containerd\.io is not held, must be/),
      ],
    });
    await machine.sh("rpm -e --nodeps containernetworking-plugins");
    expect(await drift()).toEqual({
      changes: ["node-0-cni: update", "node-0-container-runtime: update"],
      named: [
        expect.stringMatching(/^file:/),
        expect.stringMatching(/^links:\/opt\/cni\/bin /),
        expect.stringMatching(/^package:containerd\.io /),
        expect.stringMatching(/^package:containernetworking-plugins is not installed, must be/),
      ],
    });
    await stack.up();
    await answers(withContainerd);
    await stack.expectNoChanges();
  });

  it("changes to Docker Engine", async () => {
    await machine.sh(makeImage("example.org/pod:1"));
    await machine.sh(
      "ctr -n k8s.io run -d example.org/pod:1 pod && ctr -n k8s.io tasks ls -q | grep -qx pod",
    );
    await stack.configure(config({ type: "docker" }));
    await stack.up();
    await answers(withDocker);
    await stack.expectNoChanges();
    expect((await stack.outputs())["nodes"]).toMatchObject({
      "node-0": {
        criSocket: "unix:///run/cri-dockerd.sock",
        runtimeVersion: expect.stringMatching(/^20\.10/) as unknown,
      },
    });
  });

  it("is given back as it was found", async () => {
    await machine.sh("rm -rf /root/image");
    await stack.destroy();
    expect(compare(found, await fingerprint(machine)).filter((line) => !unowned.test(line))).toEqual([]);
  });
});
