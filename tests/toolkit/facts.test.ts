import { parseFacts } from "../../survey/facts";
import type { Facts } from "../../plan/facts";
import { Sandbox, shells, shellWords } from "./sandbox";

/*
 * Facts of a sandbox. Where a case needs a node that this machine is not, what differs is there for real (a file,
 * a process), or is a program that answers as the node's would.
 */
describe.each(shells)("facts under %s", (shell) => {
  let sandbox: Sandbox;
  beforeEach(async () => {
    sandbox = await Sandbox.open();
  });
  afterEach(() => sandbox.close());

  const run = (words: string, ssh = "192.0.2.9 50000 192.0.2.10 22") =>
    sandbox.sh(
      `SSH_CONNECTION='${ssh}' ${shellWords[shell].join(" ")} /run/facts-under-test.sh facts ${words} </dev/null`,
    );

  async function facts(asked: { packages?: string[]; files?: string[] } = {}, ssh?: string): Promise<Facts> {
    const { packages = [], files = [] } = asked;
    const words = [...packages.map((p) => `--package ${p}`), ...files.map((f) => `--file '${f}'`)].join(" ");
    const sent = Date.now() / 1000;
    const stdout = await run(words, ssh);
    return parseFacts(stdout, { packages, files, sent, received: Date.now() / 1000 });
  }

  /** A program of the node; it comes before the real one. */
  const program = (name: string, script: string) =>
    sandbox.sh(`cat >/usr/local/sbin/${name} && chmod 755 /usr/local/sbin/${name}`, `#!/bin/sh\n${script}\n`);
  const ipOf = (name: string) =>
    program(
      "ip",
      `[ "$*" != "-o addr show to 192.0.2.10" ] || echo "2: ${name}    inet 192.0.2.10/24 scope global ${name}"`,
    );

  it("are those of the machine", async () => {
    const seen = await facts();
    const uname = (await sandbox.sh("uname -m; uname -r; uname -n; . /etc/os-release; echo $ID")).split("\n");
    expect([seen.architecture, seen.kernel, seen.hostname, seen.osId]).toEqual(uname.slice(0, 4));
    expect(seen).toMatchObject({ init: "other", clockOffset: 0, sshPorts: [22], sshZone: "public" });
  });

  it("see systemd, NetworkManager and SELinux's configuration", async () => {
    await sandbox.sh(
      `mkdir -p /run/systemd/system /etc/selinux && echo SELINUX=disabled >/etc/selinux/config
       mount -t tmpfs tmpfs /sys/fs/cgroup && mkdir -p /sys/fs/cgroup/system.slice/NetworkManager.service`,
    );
    expect(await facts()).toMatchObject({ init: "systemd", selinux: "disabled", networkManager: true });
  });

  it("see who keeps the clock right: a time service, the guest's tools, a container's host, nobody", async () => {
    await sandbox.sh("mount -t tmpfs tmpfs /sys/fs/cgroup && rm -f /run/systemd/container");
    expect((await facts()).timeService).toBe("");
    await sandbox.sh("mkdir -p /run/systemd && echo lxc >/run/systemd/container");
    expect((await facts()).timeService).toBe("container-host");
    for (const unit of ["vboxadd-service", "phc2sys", "openntpd", "ntpd-rs", "systemd-timesyncd", "chrony"]) {
      await sandbox.sh(`mkdir -p /sys/fs/cgroup/system.slice/${unit}.service`);
      expect((await facts()).timeService).toBe(unit);
    }
  });

  it("take nothing from os-release but its text", async () => {
    const hostile = `ID="debian"\nVERSION_ID=12\nPRETTY_NAME="$(touch /run/pwned) \`touch /run/pwned\`"\nend=1\nclock=1\nID_LIKE='a b'; touch /run/pwned`;
    await sandbox.sh("rm -f /etc/os-release && cat >/etc/os-release", hostile);
    const seen = await facts();
    expect(seen).toMatchObject({ osId: "debian", osVersion: "12", osLike: ["a", "b"], clockOffset: 0 });
    expect(seen.osName).toContain("$(touch /run/pwned)");
    expect(await sandbox.sh("ls /run")).not.toContain("pwned");
    await sandbox.sh("rm -f /etc/os-release; echo ID=other >/usr/lib/os-release");
    expect((await facts()).osId).toBe("other");
  });

  it("hold files byte for byte, and say what is no file", async () => {
    const text = "no newline at the end, tab\t, ü, %41, 'quotes' \\ and\r\nmore";
    await sandbox.sh(
      "cat >'/etc/a b.conf'; ln -s 'a b.conf' /etc/link; : >/etc/empty; mkfifo /etc/fifo; mkdir /etc/dir",
      text,
    );
    const seen = await facts({ files: ["/etc/a b.conf", "/etc/none", "/etc/link", "/etc/empty"] });
    const [sha256] = (await sandbox.sh("sha256sum '/etc/a b.conf'")).split(" ");
    const expected = { content: text, sha256 };
    expect(seen.files).toMatchObject({
      "/etc/a b.conf": expected,
      "/etc/link": expected,
      "/etc/empty": { content: "" },
    });
    expect(seen.files["/etc/none"]).toBeUndefined();
    await sandbox.sh("mkdir -p /etc/systemd/system; ln -s /dev/null /etc/systemd/system/masked.service");
    const masked = await facts({ files: ["/etc/systemd/system/masked.service"] });
    expect(masked.files["/etc/systemd/system/masked.service"]).toBeUndefined();
    await expect(facts({ files: ["/etc/dir"] })).rejects.toThrow("/etc/dir is not a regular file");
    await expect(facts({ files: ["/etc/fifo"] })).rejects.toThrow("/etc/fifo is not a regular file");
    await sandbox.sh("head -c 1048577 /dev/zero >/etc/large; head -c 1048576 /dev/zero >/etc/fits");
    await expect(facts({ files: ["/etc/large"] })).rejects.toThrow("/etc/large is larger than");
    expect((await facts({ files: ["/etc/fits"] })).files["/etc/fits"]?.content).toHaveLength(1048576);
  });

  it("hold packages: installed ones, candidates of others, nothing of the unknown", async () => {
    await program(
      "dpkg-query",
      `printf '%s\\n' 'ii #containerd#1.6.20~ds1-1+deb12u1' 'rc #firewalld#1.3.3' 'hi #kubelet#1.34.2-1.1' 'iU #runc#1.1'`,
    );
    await program(
      "apt-cache",
      `echo "$*" >/run/asked; printf '%s\\n' 'firewalld:' '  Installed: (none)' '  Candidate: 1.3.3-1~deb12u1' '  Version table:' '     1.3.3 500' 'cri-o:' '  Candidate: (none)'`,
    );
    const seen = await facts({
      packages: ["containerd", "firewalld", "kubelet", "runc", "cri-o", "nothing"],
    });
    expect(seen.packages).toEqual({
      containerd: { installed: "1.6.20~ds1-1+deb12u1" },
      firewalld: { candidate: "1.3.3-1~deb12u1" },
      kubelet: { installed: "1.34.2-1.1" },
      runc: { installed: "1.1" },
      "cri-o": {},
      nothing: {},
    });
    expect((await sandbox.sh("cat /run/asked")).trim()).toBe("policy -- firewalld cri-o nothing");
  });

  it("ask the real package manager", async () => {
    const seen = await facts({ packages: ["coreutils", "no-such-package-at-all"] });
    expect(seen.packages["coreutils"]?.installed).toBe(
      (await sandbox.sh("dpkg-query -W -f '${Version}' coreutils")).trim(),
    );
    expect(seen.packages["no-such-package-at-all"]).toEqual({});
  });

  describe("of SSH", () => {
    /** Something that listens on `port` under the name sshd, with `title` as its command line. */
    const listen = async (port: number, title: string, address = "0.0.0.0") =>
      Number(
        await sandbox.sh(`ln -sf /usr/bin/perl /run/sshd
          bash -c 'exec -a "$1" /run/sshd -MIO::Socket::INET -e "\\$s = IO::Socket::INET->new(Listen => 1, LocalAddr => q($3), LocalPort => $2) or die; open my \\$f, q(>), q(/run/up-$2); alarm 60; sleep" ' - '${title}' ${port} ${address} >/dev/null 2>&1 </dev/null &
          n=0; until [ -e /run/up-${port} ]; do n=$((n + 1)); [ $n -le 100 ] || exit 1; sleep 0.1; done; echo $!`),
      );
    const listeners: number[] = [];
    afterEach(() => listeners.splice(0).forEach((pid) => process.kill(pid, "SIGKILL")));

    it.each(["ss", "/proc"])(
      "list the daemon's ports by %s, not those of its sessions or of loopback",
      async (way) => {
        if (way === "/proc") await sandbox.sh("rm -f /bin/ss /usr/bin/ss /usr/sbin/ss /sbin/ss");
        listeners.push(await listen(2222, "sshd: /usr/sbin/sshd -D [listener] 0 of 10-100 startups"));
        listeners.push(await listen(2223, "/usr/sbin/sshd -D"));
        listeners.push(await listen(6010, "sshd: kube@pts/0"));
        listeners.push(await listen(2224, "/usr/sbin/sshd -D", "127.0.0.1"));
        expect((await facts()).sshPorts).toEqual([22, 2222, 2223]);
      },
    );

    it("list the ports that systemd holds for ssh, and none of its others", async () => {
      const line = (port: number) => `LISTEN 0 4096 *:${port} *:* users:(("systemd",pid=1,fd=${port % 50}))`;
      await program(
        "ss",
        `[ "$1" = -Hltnp ] && printf '%s\\n' '${line(2222)}' '${line(9090)}' '${line(22)}'`,
      );
      await program(
        "systemctl",
        "printf '%s\\n' 'Listen=0.0.0.0:2222 (Stream)' 'Listen=[::]:2222 (Stream)' '' 'Listen=[::]:222 (Stream)'",
      );
      expect((await facts({}, "192.0.2.9 50000 192.0.2.10 2022")).sshPorts).toEqual([2022, 2222]);
    });

    it.each([
      [
        "firewalld's word, where it runs",
        "internal",
        async () => {
          await program("firewalld", "exit 1");
          await program(
            "busctl",
            `case "$*" in *'zone getZoneOfInterface s eth7') echo 's "internal"' ;; *) exit 1 ;; esac`,
          );
        },
      ],
      [
        "its default zone, where the interface is in none",
        "home",
        async () => {
          await program("firewalld", "exit 1");
          await program(
            "busctl",
            `case "$*" in *getZoneOfInterface*) echo 's ""' ;; *'FirewallD1 getDefaultZone') echo 's "home"' ;; esac`,
          );
        },
      ],
      [
        "its files, where it does not run",
        "dmz",
        async () => {
          await program("firewalld", "exit 1");
          await program("busctl", "exit 1");
          await sandbox.sh(`mkdir -p /etc/firewalld/zones; echo DefaultZone=work >/etc/firewalld/firewalld.conf
          echo '<zone><interface name="eth70"/></zone>' >/etc/firewalld/zones/block.xml
          printf '<zone>\\n  <interface name="eth7"/>\\n</zone>' >/etc/firewalld/zones/dmz.xml`);
        },
      ],
      [
        "the default zone of its files",
        "work",
        async () => {
          await program("firewalld", "exit 1");
          await program("busctl", "exit 1");
          await sandbox.sh("mkdir -p /etc/firewalld; echo DefaultZone=work >/etc/firewalld/firewalld.conf");
        },
      ],
      ["firewalld's own default, where it is not installed", "public", () => Promise.resolve()],
    ])("find the zone: %s", async (_, zone, prepare) => {
      await ipOf("eth7");
      await prepare();
      expect(await facts()).toMatchObject({ sshInterface: "eth7", sshZone: zone });
    });

    it("find the interface of a link-local address, of a route, and of no connection at all", async () => {
      expect((await facts({}, "fe80::9%eth5 50000 fe80::10%eth5 22")).sshInterface).toBe("eth5");
      await program(
        "ip",
        `case "$*" in *'route get 192.0.2.9') echo '192.0.2.9 via 192.0.2.1 dev eth6 src 192.0.2.10 uid 0' ;; *'addr show'*) echo '1: lo    inet 192.0.2.10/32 scope global lo' ;; esac`,
      );
      expect((await facts()).sshInterface).toBe("eth6");
      expect((await facts({}, "")).sshInterface).toBe("");
      expect((await facts({}, "$(id) ; ` 1")).sshInterface).toBe("");
    });

    it("find the connection that sudo hides", async () => {
      await ipOf("eth7");
      const under = `${shellWords[shell].join(" ")} /run/facts-under-test.sh facts`;
      const out = await sandbox.sh(
        `SSH_CONNECTION='192.0.2.9 50000 192.0.2.10 2200' sh -c 'env -i sh -c "${under}; :"; :'`,
      );
      expect(out).toMatch(/^ssh-port=2200$/m);
      expect(out).toMatch(/^ssh-interface=eth7$/m);
      expect(out).toMatch(/^ssh-address=192\.0\.2\.10$/m);
    });
  });

  it("write nothing", async () => {
    // What is written in the sandbox lies in the upper layers of its overlays.
    const written = "find /mnt/*/upper /run /tmp -newercc /run/stamp";
    await sandbox.sh(": >/run/stamp");
    await facts({ packages: ["coreutils", "no-such-package-at-all"], files: ["/etc/fstab"] });
    expect(await sandbox.sh(written)).toBe("");
    await sandbox.sh(": >/etc/seen");
    expect(await sandbox.sh(written)).toContain("/mnt/etc/upper/seen\n");
  });
});
