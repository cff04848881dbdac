import { existsSync } from "node:fs";
import { kubelet } from "../../components/kubelet";
import { kubeadmDropIn, kubeletUnit } from "../support/kubernetes-stand-ins";
import { context, facts } from "../unit/components/fixtures";
import { workerSpec } from "../unit/components/worker-fixtures";
import { Sandbox } from "./sandbox";

/* systemd's own reading of units, in a folder of theirs. */
const withSystemd = existsSync("/usr/bin/systemd-analyze") ? describe : describe.skip;

withSystemd("the kubelet's unit, on a machine that has the Kubernetes project's packages", () => {
  let sandbox: Sandbox;
  beforeEach(async () => {
    sandbox = await Sandbox.open();
  });
  afterEach(() => sandbox.close());

  const spec = workerSpec();
  const ours = kubelet
    .requirements(
      { ...spec.kubelet!, runtime: spec.runtime, secrets: spec.nodes[0]!.secrets },
      facts,
      context,
    )
    .filter(({ kind, key }) => kind === "file" && key.startsWith("/etc/systemd/"));
  /** Neither program is there, so systemd names the one that it would run. */
  const program = () =>
    sandbox.sh(
      "systemd-analyze verify /etc/systemd/system/kubelet.service 2>&1 | sed -n 's/.*Command \\([^ ]*kubelet\\) .*/\\1/p'",
    );

  it("is ours, and not what kubeadm's file makes of it", async () => {
    await sandbox.sh(
      `rm -f /usr/bin/kubelet /usr/local/bin/kubelet; mkdir -p /usr/lib/systemd/system/kubelet.service.d
       cat >/usr/lib/systemd/system/kubelet.service.d/10-kubeadm.conf`,
      kubeadmDropIn,
    );
    await sandbox.sh("cat >/usr/lib/systemd/system/kubelet.service", kubeletUnit);
    expect((await sandbox.apply("dash", ours)).code).toBe(0);
    expect(await program()).toBe("/usr/local/bin/kubelet\n");
    await sandbox.sh("rm /etc/systemd/system/kubelet.service.d/10-kubeadm.conf");
    expect(await program()).toBe("/usr/bin/kubelet\n");
    expect((await sandbox.observe("dash", ours)).map(({ name }) => name)).toEqual([
      "file:/etc/systemd/system/kubelet.service.d/10-kubeadm.conf",
    ]);
    expect((await sandbox.apply("dash", ours)).code).toBe(0);
    expect((await sandbox.undo("dash")).code).toBe(0);
    expect(await sandbox.sh("ls -d /etc/systemd/system/kubelet* 2>/dev/null || :")).toBe("");
  });
});
