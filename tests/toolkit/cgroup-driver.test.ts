import type { Requirement } from "../../plan/requirement";
import { Sandbox, shells } from "./sandbox";

/* What a runtime says of itself, with a containerd that notes each of its starts. */
describe.each(shells)("containerd's cgroup driver under %s", (shell) => {
  let sandbox: Sandbox;
  beforeEach(async () => {
    sandbox = await Sandbox.open();
    await sandbox.sh("mkdir -p /etc/containerd; cat >/etc/containerd/config.toml", config(true));
    await install("1.7.2");
  });
  afterEach(() => sandbox.close());

  const wanted: readonly Requirement[] = [{ kind: "cgroup_driver", key: "containerd", value: "systemd" }];
  const config = (systemd: boolean, more = ""): string =>
    `version = 2\n${more}[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]\nSystemdCgroup = ${systemd}\n`;

  /** Its dump is its file, and which files it has found. */
  const install = (version: string): Promise<string> =>
    sandbox.sh(
      "cat >/usr/local/bin/containerd.new; chmod +x /usr/local/bin/containerd.new; mv /usr/local/bin/containerd.new /usr/local/bin/containerd",
      `#!/bin/sh
echo started >>/run/starts
[ "$1" = config ] || { echo "containerd example.org/containerd v${version} 0"; exit; }
echo 'imports = ["/etc/containerd/config.toml"]'
grep -v imports /etc/containerd/config.toml
`,
    );
  const starts = async (): Promise<number> =>
    Number(await sandbox.sh("cat /run/starts 2>/dev/null | wc -l; rm -f /run/starts"));
  const seen = async () => (await sandbox.observe(shell, wanted)).map(({ phrase }) => phrase);
  const report = async () => (await sandbox.apply(shell, wanted)).stdout;
  const says = (version: string) => `runtime.version=${version}\nruntime.cgroupDriver=systemd\n`;

  it("is asked of it once, and again when its program or its file is another", async () => {
    expect(await report()).toBe(says("1.7.2"));
    expect(await starts()).toBeGreaterThan(0);
    expect([await seen(), await report(), await starts()]).toEqual([[], says("1.7.2"), 0]);

    await install("1.7.3");
    expect([await seen(), await starts()]).toEqual([[], 2]);
    expect(await report()).toBe(says("1.7.3"));
    await starts();
    expect([await seen(), await starts()]).toEqual([[], 0]);

    // Of the same size, and as old as what was there.
    await sandbox.sh(`
      touch -r /etc/containerd/config.toml /run/then
      sed 's/= true/=false/' /etc/containerd/config.toml >/run/other; cat /run/other >/etc/containerd/config.toml
      touch -r /run/then /etc/containerd/config.toml`);
    expect(await seen()).toEqual(["will be cgroupfs after containerd's next start, must be systemd"]);
  });

  it("is asked of it each time where its configuration imports other files", async () => {
    await sandbox.sh(
      "cat >/etc/containerd/config.toml",
      config(true, 'imports = ["/etc/containerd/conf.d/*.toml"]\n'),
    );
    await report();
    await starts();
    expect([await seen(), await starts()]).toEqual([[], 2]);
  });

  it("is asked of it where what was kept is cut short, and leaves nothing behind", async () => {
    await report();
    await sandbox.sh(
      "cd /var/lib/nodeprep; head -c -2 runtime.containerd >/run/half; cat /run/half >runtime.containerd",
    );
    await starts();
    expect([await seen(), await starts()]).toEqual([[], 2]);
    expect((await sandbox.undo(shell)).code).toBe(0);
    expect(await sandbox.sh("ls /var/lib/nodeprep")).not.toContain("containerd");
  });
});
