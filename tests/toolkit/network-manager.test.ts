import { podInterfacesUnmanaged } from "../../components/network-manager";
import { file, service } from "../../plan/kinds";
import { encodeRequirements, requirementName, type Requirement } from "../../plan/requirement";
import { facts } from "../unit/components/fixtures";
import { Sandbox, shells } from "./sandbox";

const path = "/etc/NetworkManager/conf.d/90-nodeprep-cni.conf";
const wanted = podInterfacesUnmanaged({ ...facts, networkManager: true });

/** As stage cni stated it before, for fewer interfaces. */
const shorter = file(path, "[keyfile]\nunmanaged-devices+=interface-name:cni*\n");
const before = [shorter, service("NetworkManager.service", { reloadAfter: [requirementName(shorter)] })];

/** A service manager that notes what it is told: there, NetworkManager is enabled and runs. */
const systemctl = `#!/bin/sh
case $1 in
  show) printf 'LoadState=loaded\\nActiveState=active\\nSubState=running\\nUnitFileState=enabled\\nNeedDaemonReload=no\\nMainPID=1\\nResult=success\\n' ;;
  *) echo "$*" >>/run/told ;;
esac
`;

describe.each(shells)("NetworkManager under %s", (shell) => {
  let sandbox: Sandbox;
  beforeEach(async () => {
    sandbox = await Sandbox.open();
    await sandbox.sh("cat >/usr/local/sbin/systemctl; chmod 0755 /usr/local/sbin/systemctl", systemctl);
  });
  afterEach(() => sandbox.close());

  const owner = ["--as", "org/project/stack/node"];
  const run = async (words: readonly string[], requirements: readonly Requirement[] = []) => {
    const { code, stderr } = await sandbox.toolkit(
      shell,
      [...words, ...owner],
      encodeRequirements(requirements),
    );
    expect([code, stderr.match(/(error|warning):.*/g)]).toEqual([0, null]);
  };
  /** What the service manager was told of it since the last question. */
  const told = () => sandbox.sh("grep Network /run/told 2>/dev/null; rm -f /run/told");
  const content = () => sandbox.sh(`cat ${path} 2>/dev/null || echo none`);

  it("reads that the interfaces of pods are not its own, once, and once that they are again", async () => {
    await run(["apply", "container-runtime"], wanted);
    expect(await content()).toBe(`${wanted[0]?.body ?? ""}\n`);
    expect(await told()).toBe("reload-or-restart -- NetworkManager.service\n");
    await run(["apply", "container-runtime"], wanted);
    expect(await told()).toBe("");
    await run(["undo", "container-runtime"]);
    expect([await content(), await told()]).toEqual([
      "none\n",
      "try-reload-or-restart -- NetworkManager.service\n",
    ]);
  });

  it("goes on leaving them alone while the statement changes from stage cni to the one that every node has", async () => {
    await run(["apply", "cni"], before);
    await told();
    await run(["apply", "container-runtime"], wanted);
    await run(["apply", "cni"]);
    expect(await content()).toBe(`${wanted[0]?.body ?? ""}\n`);
    expect(await told()).toBe("reload-or-restart -- NetworkManager.service\n");
    await run(["undo", "container-runtime"]);
    expect(await content()).toBe("none\n");
  });
});
