import { readFileSync } from "node:fs";
import { join } from "node:path";
import { file, service } from "../../plan/kinds";
import { encodeRequirements } from "../../plan/requirement";
import { kubeletUnit } from "../support/kubernetes-stand-ins";
import { Sandbox, shells } from "./sandbox";

const owner = ["--as", "org/project/stack/node-0"];
const unit = "kubelet.service";
const wanted = [
  file(`/etc/systemd/system/${unit}`, kubeletUnit),
  service(unit, { runs: "when something starts it" }),
];

/** Stand-ins for iptables, which show what the kernel holds and keep what they are to change, and for nft. */
const packetFilter = `cat >/usr/local/sbin/systemctl; chmod +x /usr/local/sbin/systemctl; cd /usr/local/sbin
for which in iptables ip6tables; do
  cat >$which-save <<'END'
#!/bin/sh
cat <<'RULES'
*filter
:FORWARD ACCEPT [0:0]
:FLANNEL-FWD - [0:0]
:KUBE-FORWARD - [0:0]
-A FORWARD -j KUBE-FORWARD
-A FORWARD -j FLANNEL-FWD
-A KUBE-FORWARD -j ACCEPT
COMMIT
RULES
END
  printf '#!/bin/sh\\n{ echo %s "$@"; cat; } >>/run/asked\\n' $which >$which-restore
done
printf '#!/bin/sh\\necho nft "$@" >>/run/asked\\n' >nft
chmod +x ip*tables-* nft`;

const chains = (which: string): string =>
  `${which} --noflush\n*filter\n:KUBE-FORWARD - [0:0]\n-D FORWARD -j KUBE-FORWARD\n-X KUBE-FORWARD\nCOMMIT\n`;
const tables = "nft delete table ip kube-proxy\nnft delete table ip6 kube-proxy\n";

describe.each(shells)("what kubelet and kube-proxy have put into the packet filter, under %s", (shell) => {
  let sandbox: Sandbox;
  beforeEach(async () => {
    sandbox = await Sandbox.open();
    await sandbox.sh("rm -rf /var/lib/kubelet");
    await sandbox.sh(packetFilter, readFileSync(join(__dirname, "systemctl.sh"), "utf8"));
  });
  afterEach(() => sandbox.close());

  it.each([
    ["kubelet", ""],
    ["kubernetes-packages", tables],
  ])("goes with the stage %s, and nothing of others", async (stage, more) => {
    const run = async (words: readonly string[], input = ""): Promise<void> => {
      const { code, stderr } = await sandbox.toolkit(shell, [...words, ...owner], input);
      expect([code, stderr.match(/(error|warning):.*/g)]).toEqual([0, null]);
    };
    await run(["apply", stage], encodeRequirements(wanted));
    await run(["apply", stage], encodeRequirements(wanted));
    expect(await sandbox.sh("cat /run/asked 2>/dev/null || :")).toBe("");
    await run(["undo", stage]);
    expect(await sandbox.sh("cat /run/asked")).toBe(`${chains("iptables")}${chains("ip6tables")}${more}`);
  });
});
