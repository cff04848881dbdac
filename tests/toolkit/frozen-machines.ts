import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { cgroupDriverInUse } from "../../components/container-runtime/cgroup-driver";
import { block } from "../../plan/block";
import { binary } from "../../plan/downloads";
import {
  directory,
  file,
  firstConfig,
  fstabWithoutSwap,
  kernelModule,
  leftovers,
  links,
  noActiveSwap,
  pkg,
  selinuxMode,
  service,
  sysctl,
  user,
} from "../../plan/kinds";
import { requirementName, type Requirement } from "../../plan/requirement";
import { secret, secretFile, withSecrets } from "../../plan/secrets";
import { installFirewalld, permanent, running } from "./firewalld";
import { standInForKernel } from "./kernel-stand-in";
import type { Sandbox } from "./sandbox";

/** A machine whose record was frozen, and how it was before. */
export interface FrozenMachine {
  /** Record and files, as nodeprep left them. */
  readonly fixture: string;
  /** What was applied there, with the secrets. */
  readonly stages: Readonly<Record<string, readonly Requirement[]>>;
  /** Where all of that is. */
  readonly places: string;
  /** Makes the machine what it was before. */
  readonly begin: (sandbox: Sandbox) => Promise<unknown>;
  /** What is in databases, and what was taken away. */
  readonly thaw: string;
  /** Shows what is in force. */
  readonly look: string;
  /** The version that its container runtime says. Default: it has none. */
  readonly runtime?: string;
}

const authorizedKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa a@b";

const accountsAndPackages: FrozenMachine = {
  fixture: "fixtures/record-format-1.json",
  stages: {
    one: [
      user("nptest-kube", { authorizedKeys: [authorizedKey], groups: ["nptest-ops"] }),
      directory("/etc/nptest", { mode: "0750" }),
      file("/etc/nptest/deep/new file.conf", "ours\n"),
      file("/etc/nptest-theirs.conf", "ours\n", { mode: "0600" }),
      file("/etc/sysctl.d/nptest.conf", "net.ipv4.ip_forward = 1\n"),
      sysctl("net.ipv4.ip_forward", "1"),
      fstabWithoutSwap(),
    ],
    two: [
      file("/etc/nptest-theirs.conf", "ours\n", { mode: "0600" }),
      file("/etc/nptest.d/20-ours.conf", "{}\n"),
      firstConfig("/etc/nptest.d/20-ours.conf"),
      links("/opt/nptest-bin", "/opt/nptest-plugins"),
      pkg("nptest-app", { hold: true }),
    ],
  },
  places:
    "/home/nptest-kube /etc/nptest* /etc/sysctl.d/nptest.conf /etc/sysctl.d/zz-theirs.conf /etc/fstab /opt/nptest*",
  begin: (sandbox) =>
    sandbox.sh(`
      rm -rf /etc/skel; mkdir /etc/skel; echo '# a shell' >/etc/skel/.profile
      groupadd nptest-ops
      printf 'theirs\\n' >/etc/nptest-theirs.conf; chmod 0640 /etc/nptest-theirs.conf; touch -d @1600000000 /etc/nptest-theirs.conf
      printf '/dev/vda / ext4 defaults 0 1\\n/dev/vdb none swap sw 0 0\\n' >/etc/fstab
      printf 'net.ipv4.ip_forward = 0\\n' >/etc/sysctl.d/zz-theirs.conf
      mkdir -p /etc/nptest.d /opt/nptest-plugins /opt/nptest-bin
      echo '{}' >/etc/nptest.d/10-theirs.conf; echo >/opt/nptest-plugins/bridge
      echo 0 >/proc/sys/net/ipv4/ip_forward`),
  thaw: `
    useradd -M -s /bin/bash -p '*' -G nptest-ops nptest-kube; echo 1 >/proc/sys/net/ipv4/ip_forward
    apt-get update -q >/dev/null; DEBIAN_FRONTEND=noninteractive apt-get -y -q install nptest-app >/dev/null; apt-mark hold nptest-app
    rm /etc/nptest.d/10-theirs.conf`,
  look: `
    stat -c '%Y %n' /etc/nptest-theirs.conf; cat /proc/sys/net/ipv4/ip_forward
    dpkg-query -W -f '\${Package} \${Version} \${Status}\\n' | grep nptest; apt-mark showhold`,
};

const program = "#!/bin/sh\necho a program\n";
const secretsKey = "5".repeat(64);
const texts = { "digest-key": secretsKey, "nptest.key": "a secret\nof two lines\n" };

const secretsAndRules: FrozenMachine = {
  fixture: "fixtures/record-format-1-secrets.json",
  stages: {
    "node-secrets": withSecrets(
      [secret("digest-key", secretsKey, secretsKey), secret("nptest.key", texts["nptest.key"], secretsKey)],
      texts,
    ),
    programs: [
      binary("/opt/nptest/bin/app", {
        url: "file:///srv/nptest-app",
        sha256: createHash("sha256").update(program).digest("hex"),
      }),
      secretFile("/etc/nptest/nptest.key", {
        id: "nptest.key",
        text: texts["nptest.key"],
        key: secretsKey,
      }),
      block("/etc/hosts", ["192.0.2.10 node-0", "192.0.2.11 node-1"]),
      selinuxMode("permissive"),
    ],
    firewall: running,
    "firewall-confirm": permanent,
  },
  places: "/etc/hosts /etc/nptest /etc/selinux /etc/firewalld/zones /opt/nptest /run/firewalld/running",
  begin: async (sandbox) => {
    await installFirewalld(sandbox);
    await sandbox.sh(
      `systemctl start firewalld; mkdir -p /srv /etc/selinux; cat >/srv/nptest-app
      printf '127.0.0.1\\tlocalhost\\n127.0.1.1\\tbox' >/etc/hosts; chmod 0640 /etc/hosts
      printf 'SELINUX=enforcing\\nSELINUXTYPE=targeted\\n' >/etc/selinux/config; touch -d @1600000000 /etc/selinux/config`,
      program,
    );
  },
  thaw: "",
  look: "stat -c '%Y %n' /etc/selinux/config; cd /run/firewalld/running; grep -H . * | sort",
};

const units = "/etc/systemd/system";
const dropIn = file(`${units}/nptest.service.d/10-ours.conf`, "[Service]\nNice=5\n");

/** Where units are files, and what runs is a file's being there. */
const standInForSystemd = (sandbox: Sandbox): Promise<string> =>
  sandbox.sh(
    "cat >/usr/local/sbin/systemctl; chmod 0755 /usr/local/sbin/systemctl; mkdir -p /run/systemd/system",
    readFileSync(join(__dirname, "systemctl.sh"), "utf8"),
  );

/** What runs there is a file's being there: see systemctl.sh and kernel-stand-in.ts. */
const kernelAndUnits: FrozenMachine = {
  fixture: "fixtures/record-format-1-units.json",
  stages: {
    kernel: [kernelModule("br-netfilter"), noActiveSwap()],
    units: [dropIn, service("nptest.service", { restartAfter: [requirementName(dropIn)] })],
  },
  places: `${units}/nptest.service.d ${units}/dev-nptest.swap`,
  begin: async (sandbox) => {
    await standInForKernel(sandbox);
    await standInForSystemd(sandbox);
    await sandbox.sh(`
      rm -rf ${units}/*.swap ${units}/*.wants/*swap*; mkdir -p ${units}/swap.target.wants /usr/lib/systemd/system
      echo 'Filename Type Size Used Priority' >/run/swaps; mount --bind /run/swaps /proc/swaps
      printf '[Swap]\nWhat=/dev/nptest\n' >/usr/lib/systemd/system/dev-nptest.swap
      ln -s /usr/lib/systemd/system/dev-nptest.swap ${units}/swap.target.wants/dev-nptest.swap
      printf '[Service]\nExecStart=sleep 600\n' >/usr/lib/systemd/system/nptest.service`);
  },
  thaw: "load br-netfilter; systemctl enable nptest.service; systemctl start nptest.service",
  look: "cut -d ' ' -f 1 /run/m/list; ls /run/stand-in 2>/dev/null | grep -v '^log$' || :",
};

const driver = (systemd: boolean): string =>
  `version = 2\n[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]\nSystemdCgroup = ${systemd}\n`;

/** A containerd that says what is in its file, of which it says that it is the only one. */
const saysItsFile = `#!/bin/sh
[ "$1" = config ] || { echo "containerd example.org/containerd v1.7.2 0"; exit; }
echo 'imports = ["/etc/containerd/config.toml"]'
cat /etc/containerd/config.toml
`;

/**
 * Both runtimes ran before: what they have there stays, and Docker's key, which came later, goes. A record that is taken
 * for that of a machine without them would cost the owner's containers.
 */
const runtimes: FrozenMachine = {
  fixture: "fixtures/record-format-1-runtimes.json",
  stages: {
    runtimes: [
      leftovers("containerd"),
      leftovers("docker"),
      file("/etc/containerd/config.toml", driver(true)),
      cgroupDriverInUse("containerd", "systemd"),
    ],
  },
  places: "/etc/containerd",
  begin: async (sandbox) => {
    await standInForSystemd(sandbox);
    await sandbox.sh("cat >/usr/local/bin/containerd; chmod 0755 /usr/local/bin/containerd", saysItsFile);
    await sandbox.sh(
      `mkdir -p /run/stand-in /etc/docker /etc/containerd /run/containerd/theirs /usr/lib/systemd/system
      for name in containerd docker; do
        : >/run/stand-in/active.$name.service; echo '[Service]' >/usr/lib/systemd/system/$name.service
      done
      mount -t sysfs sysfs /sys; ip link add docker0 type bridge; : >/run/docker.sock
      mount -t tmpfs theirs /run/containerd/theirs
      cat >/etc/containerd/config.toml; touch -d @1600000000 /etc/containerd/config.toml`,
      driver(false),
    );
  },
  thaw: ": >/etc/docker/key.json",
  look: `
    stat -c '%Y %n' /etc/containerd/config.toml; ls -d /run/docker* /sys/class/net/docker0; ls /run/stand-in | grep -v '^log$'
    grep -o ' /run/containerd/[^ ]*' /proc/mounts`,
  runtime: "1.7.2",
};

/** Every one of them. None is ever written again: what a later format writes is frozen beside them. */
export const frozenMachines: readonly FrozenMachine[] = [
  accountsAndPackages,
  secretsAndRules,
  kernelAndUnits,
  runtimes,
];
