import { parseFacts } from "../../survey/facts";
import { Sandbox, shells, shellWords } from "./sandbox";

/* A port of sshd becomes a door in the firewall: nobody but root may make one. */
describe.each(shells)("the ports of sshd under %s", (shell) => {
  let sandbox: Sandbox;
  beforeEach(async () => {
    sandbox = await Sandbox.open();
  });
  afterEach(() => sandbox.close());

  const listeners: number[] = [];
  afterEach(() => listeners.splice(0).forEach((pid) => process.kill(pid, "SIGKILL")));

  /** Something of this user that listens on `port` under the name sshd, with `title` as its command line. */
  async function listen(uid: number, port: number, title: string): Promise<void> {
    const pid = await sandbox.sh(`ln -sf /usr/bin/perl /run/sshd
      setpriv --reuid=${uid} --regid=${uid} --clear-groups bash -c 'exec -a "$1" /run/sshd -MIO::Socket::INET -e "\\$s = IO::Socket::INET->new(Listen => 1, LocalAddr => q(0.0.0.0), LocalPort => ${port}) or die; open my \\$f, q(>), q(/tmp/up-${port}); alarm 60; sleep" ' - '${title}' >/dev/null 2>&1 </dev/null &
      n=0; until [ -e /tmp/up-${port} ]; do n=$((n + 1)); [ $n -le 100 ] || exit 1; sleep 0.1; done; echo $!`);
    listeners.push(Number(pid));
  }

  async function ports(): Promise<readonly number[]> {
    const words = `${shellWords[shell].join(" ")} /run/facts-under-test.sh facts </dev/null`;
    const now = Date.now() / 1000;
    const said = await sandbox.sh(`SSH_CONNECTION='192.0.2.9 50000 192.0.2.10 22' ${words}`);
    return parseFacts(said, { packages: [], files: [], sent: now, received: now + 60 }).sshPorts;
  }

  it.each(["ss", "/proc"])("are, by %s, none of what only calls itself sshd", async (way) => {
    if (way === "/proc") await sandbox.sh("rm -f /bin/ss /usr/bin/ss /usr/sbin/ss /sbin/ss");
    await listen(65534, 2225, "/usr/sbin/sshd -D");
    await listen(65534, 2226, "sshd: /usr/sbin/sshd -D [listener] 0 of 10-100 startups");
    await listen(0, 2222, "/usr/sbin/sshd -D");
    expect(await ports()).toEqual([22, 2222]);
  });

  it("are none of a program whose name names another's number", async () => {
    // As ss prints it: a name has up to 15 characters of any kind, and the real number comes behind it.
    const names = ['sshd",pid=1,', 'sshd",pid=1,fd=', '"sshd",pid=1,', 'x",("sshd",pid='];
    const lines = names.map(
      (name, index) => `LISTEN 0 1 *:${3000 + index} *:* users:(("${name}",pid=4242,fd=3))`,
    );
    await sandbox.sh(
      "cat >/usr/local/sbin/ss; chmod 755 /usr/local/sbin/ss",
      `#!/bin/sh\ncat <<'END'\n${lines.join("\n")}\nEND\n`,
    );
    expect(await ports()).toEqual([22]);
  });
});
