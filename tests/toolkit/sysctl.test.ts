import { file, sysctl } from "../../plan/kinds";
import type { Requirement } from "../../plan/requirement";
import { Sandbox, shells } from "./sandbox";

/** Other people's sysctl files, whose lines are commented out, and come back to the byte. */
describe.each(shells)("others' sysctl files under %s", (shell) => {
  let sandbox: Sandbox;
  beforeEach(async () => {
    sandbox = await Sandbox.open();
    await sandbox.sh("mkdir -p /usr/lib/sysctl.d");
  });
  afterEach(() => sandbox.close());

  const set = (...keys: string[]) => [
    file("/etc/sysctl.d/k8s.conf", keys.map((key) => `${key} = 1\n`).join("")),
    ...keys.map((key) => sysctl(key, "1")),
  ];
  const [forward, filter] = ["net.ipv4.ip_forward", "net.ipv4.conf.all.rp_filter"];
  const theirs = "/etc/sysctl.d/zz.conf";
  const put = (path: string, text: string) => sandbox.sh(`cat >${path}; chmod 0640 ${path}`, text);
  const text = () => sandbox.sh(`cat ${theirs}`);
  const sums = () =>
    sandbox.sh("sha256sum /etc/sysctl.d/z* /usr/lib/sysctl.d/z*; stat -c '%a %u:%g' /etc/sysctl.d/z*");
  const apply = async (keys: string[]) =>
    expect(await sandbox.apply(shell, set(...keys))).toMatchObject({ code: 0 });
  const undo = async () => expect(await sandbox.undo(shell)).toMatchObject({ code: 0 });

  it("gives them back to the byte, whichever sysctl leaves first", async () => {
    const found = [
      "",
      `${forward}=0`,
      `${filter} = 0\n\n# é \\n %s\n${forward}=0`,
      `${forward}=0\n${filter}=0\nkernel.panic=10`,
      `${forward}=0\n${filter}=0\n\n\n`,
      `${forward} = 0\r\n${filter} = 0\r\n`,
      `${filter} = 0\r\n${forward} = 0\r`,
    ];
    for (const [i, each] of found.entries()) await put(`/etc/sysctl.d/z${i}.conf`, each);
    const theSystems = `${filter}=0\n${forward}=0`;
    await put("/usr/lib/sysctl.d/zy.conf", theSystems);
    const before = await sums();
    for (const first of [forward, filter]) {
      await apply([forward, filter]);
      const commented = [...found, theSystems]
        .map((each) => each.replace(/^(?=net)/gm, "#nodeprep# "))
        .join("");
      expect(await sandbox.sh("cat /etc/sysctl.d/z*")).toBe(commented);
      // The other one leaves with this, the first with the undo.
      await apply([first]);
      await undo();
      expect(await sums()).toBe(before);
    }
  });

  it("is the host's where /proc/sys is read-only, as in a container", async () => {
    const { code, stderr } = await sandbox.apply(shell, [sysctl("kernel.panic", "77")]);
    expect([code, /error: (.*)/.exec(stderr)?.[1]]).toEqual([
      1,
      "sysctl kernel.panic: /proc/sys/kernel/panic cannot be written here (a container's?): it must be set to 77 on the host",
    ]);
  });

  it("takes out a line for an interface with a dot in its name, in either form, and sets it", async () => {
    await sandbox.sh("ip link add eth0.100 type veth peer name peer0");
    const [key, slashes] = ["net.ipv4.conf.eth0/100.forwarding", "net/ipv4/conf/eth0.100/forwarding"];
    const file = "/proc/sys/net/ipv4/conf/eth0.100/forwarding";
    const found = await sandbox.sh(`echo 0 >${file}; cat ${file}`);
    await put(theirs, `${slashes}=0\n${key}=0\n`);
    await apply([key]);
    expect(await sandbox.sh(`cat ${file}`)).toBe("1\n");
    expect(await text()).toBe(`#nodeprep# ${slashes}=0\n#nodeprep# ${key}=0\n`);
    expect(await sandbox.observe(shell, set(key))).toEqual([]);
    await undo();
    expect(await sandbox.sh(`cat ${file} ${theirs}`)).toBe(`${found}${slashes}=0\n${key}=0\n`);
  });

  // A minus before it: systemd-sysctl minds no error then.
  const names = ["net.ipv4.conf.all.forwarding", "net/ipv4/conf/all/forwarding"];
  it.each([...names, "-net.ipv4.conf.all.forwarding"])(
    "sees that %s is another name of the same value, takes it out and gives it back",
    async (name) => {
      const other = "net.ipv4.conf.default.forwarding=0\n";
      await put("/etc/sysctl.d/aa.conf", `${name}=0\n`);
      await apply([forward]);
      expect(await sandbox.observe(shell, set(forward))).toEqual([]);
      await put(theirs, `${other}${name} = 0\n`);
      expect((await sandbox.observe(shell, set(forward))).map(({ phrase }) => phrase)).toEqual([
        `will be 0 after the next boot (${theirs}:2), must be 1`,
      ]);
      await apply([forward]);
      expect(await text()).toBe(`${other}#nodeprep# ${name} = 0\n`);
      expect(await sandbox.sh("cat /etc/sysctl.d/aa.conf")).toBe(`${name}=0\n`);
      await undo();
      expect(await text()).toBe(`${other}${name} = 0\n`);
    },
  );

  it("knows that a line which says the same again keeps its place before the other name", async () => {
    await put("/etc/sysctl.d/aa.conf", `${forward}=1\n`);
    await put("/etc/sysctl.d/bb.conf", "net.ipv4.conf.all.forwarding=0\n");
    await apply([forward]);
    expect(await sandbox.sh("cat /etc/sysctl.d/bb.conf")).toBe("#nodeprep# net.ipv4.conf.all.forwarding=0\n");
  });

  it("finds under the one name what is asked for under the other", async () => {
    const twin = "net.ipv4.conf.all.forwarding";
    await put(theirs, `${forward}=0\n`);
    await apply([twin]);
    expect(await sandbox.observe(shell, set(twin))).toEqual([]);
    expect(await text()).toBe(`#nodeprep# ${forward}=0\n`);
    await undo();
    expect(await text()).toBe(`${forward}=0\n`);
  });

  it("keeps what somebody added meanwhile, and adds no newline to it", async () => {
    await put(theirs, `${filter}=0\n${forward}=0`);
    await apply([forward, filter]);
    await sandbox.sh(`printf '\\nkernel.panic=10' >>${theirs}`);
    await undo();
    expect(await text()).toBe(`${filter}=0\n${forward}=0\nkernel.panic=10`);
  });

  it("leaves the file as it is where awk dies half-way, and says so", async () => {
    const found = `# keep\n${filter} = 0\n${forward} = 0\n# keep, too\n`;
    await put(theirs, found);
    await sandbox.sh(
      "cat >/usr/local/sbin/awk; chmod 0755 /usr/local/sbin/awk; touch /run/awk-dies",
      `#!/bin/sh
if [ -n "\${SYSCTL_DO-}" ] && [ -e /run/awk-dies ]; then /usr/bin/awk "$@" | head -c 20; exit 2; fi
exec /usr/bin/awk "$@"
`,
    );
    const failed = await sandbox.apply(shell, set(forward, filter));
    expect(failed.code).toBe(1);
    expect(failed.stderr).toMatch(
      /^nodeprep: error: sysctl net\S+: cannot write what \/etc\/sysctl.d\/zz.conf must become/m,
    );
    expect(await text()).toBe(found);
    await sandbox.sh("rm /run/awk-dies");
    await apply([forward, filter]);
    const commented = await text();
    await sandbox.sh("touch /run/awk-dies");
    expect((await sandbox.undo(shell)).code).toBe(1);
    expect(await text()).toBe(commented);
    await sandbox.sh("rm /run/awk-dies");
    await undo();
    expect(await text()).toBe(found);
  });

  it("leaves nothing of a minimum that was raised meanwhile", async () => {
    const key = "net.ipv4.tcp_keepalive_time";
    const now = () => sandbox.sh(`cat /proc/sys/net/ipv4/tcp_keepalive_time; ls /etc/sysctl.d`);
    const found = await now();
    for (const seconds of [80_001, 90_001]) {
      const minimum = sysctl(key, String(seconds), { atLeast: true });
      expect(await sandbox.apply(shell, [minimum])).toMatchObject({ code: 0 });
    }
    expect(await now()).toMatch(/^90001\n[^]*00-nodeprep-minimums\.conf/);
    await undo();
    expect(await now()).toBe(found);
  });

  it("keeps a minimum at boot that somebody had set by hand, once it was too little after one", async () => {
    const path = "/proc/sys/net/ipv4/tcp_keepalive_time";
    const minimum = [sysctl("net.ipv4.tcp_keepalive_time", "9000", { atLeast: true })];
    const files = () => sandbox.sh("ls /etc/sysctl.d");
    await sandbox.sh(`echo 9001 >${path}`);
    const before = await files();
    expect(await sandbox.apply(shell, minimum)).toMatchObject({ code: 0 });
    expect(await files()).toBe(before);
    // As after a boot.
    await sandbox.sh(`echo 7200 >${path}`);
    expect(await sandbox.apply(shell, minimum)).toMatchObject({ code: 0 });
    expect(await sandbox.sh("cat /etc/sysctl.d/00-nodeprep-minimums.conf")).toBe(
      "net.ipv4.tcp_keepalive_time = 9000\n",
    );
    await undo();
    expect(await files()).toBe(before);
  });

  it("gives back the value found where runs failed after and before they set others", async () => {
    const path = "/proc/sys/net/ipv4/tcp_keepalive_time";
    const found = await sandbox.sh(`cat ${path}`);
    const key = "net.ipv4.tcp_keepalive_time";
    const kept = (seconds: number) => [
      file("/etc/sysctl.d/k8s.conf", `${key} = ${seconds}\n`),
      sysctl(key, String(seconds)),
    ];
    const fails = file("/proc/none", "x\n");
    const run = (...of: Requirement[]) => sandbox.apply(shell, of);
    expect(await run(...kept(701))).toMatchObject({ code: 0 });
    for (const seconds of [702, 703]) expect(await run(...kept(seconds), fails)).toMatchObject({ code: 1 });
    expect(await run(fails, ...kept(704))).toMatchObject({ code: 1 });
    expect(await sandbox.sh(`cat ${path}`)).toBe("703\n");
    await undo();
    expect(await sandbox.sh(`cat ${path}`)).toBe(found);
    // What failed before a success is nobody's but theirs.
    expect(await run(...kept(701))).toMatchObject({ code: 0 });
    for (const seconds of [702, 703]) expect(await run(...kept(seconds), fails)).toMatchObject({ code: 1 });
    expect(await run(...kept(704))).toMatchObject({ code: 0 });
    expect(await run(fails, ...kept(705))).toMatchObject({ code: 1 });
    await sandbox.sh(`echo 702 >${path}`);
    await undo();
    expect(await sandbox.sh(`cat ${path}`)).toBe("702\n");
  });
});
