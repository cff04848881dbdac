import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { block } from "../../plan/block";
import { binary } from "../../plan/downloads";
import {
  directory,
  file,
  firstConfig,
  fstabWithoutSwap,
  kernelModule,
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
    await sandbox.sh(
      "cat >/usr/local/sbin/systemctl; chmod 0755 /usr/local/sbin/systemctl",
      readFileSync(join(__dirname, "systemctl.sh"), "utf8"),
    );
    await sandbox.sh(`
      rm -rf ${units}/*.swap ${units}/*.wants/*swap*; mkdir -p ${units}/swap.target.wants /usr/lib/systemd/system /run/systemd/system
      echo 'Filename Type Size Used Priority' >/run/swaps; mount --bind /run/swaps /proc/swaps
      printf '[Swap]\nWhat=/dev/nptest\n' >/usr/lib/systemd/system/dev-nptest.swap
      ln -s /usr/lib/systemd/system/dev-nptest.swap ${units}/swap.target.wants/dev-nptest.swap
      printf '[Service]\nExecStart=sleep 600\n' >/usr/lib/systemd/system/nptest.service`);
  },
  thaw: "load br-netfilter; systemctl enable nptest.service; systemctl start nptest.service",
  look: "cut -d ' ' -f 1 /run/m/list; ls /run/stand-in 2>/dev/null | grep -v '^log$' || :",
};

/** Every one of them. None is ever written again: what a later format writes is frozen beside them. */
export const frozenMachines: readonly FrozenMachine[] = [
  accountsAndPackages,
  secretsAndRules,
  kernelAndUnits,
];
