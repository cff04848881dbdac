import { file } from "../../plan/kinds";
import { encodeRequirements } from "../../plan/requirement";
import { endContainer, startContainer } from "./container-process";
import { Sandbox, shells, type Result } from "./sandbox";

const owner = ["--as", "org/project/stack/node-0"];
const path = "/etc/nodeprep-test";

describe.each(shells)("undo on a node that runs Pods, under %s", (shell) => {
  let sandbox: Sandbox;
  let container: string;
  beforeEach(async () => {
    sandbox = await Sandbox.open();
    await sandbox.sh("rm -rf /var/lib/kubelet; mkdir -p /var/lib/kubelet/pods/1");
    container = await startContainer(sandbox);
  });
  afterEach(async () => {
    await endContainer(sandbox, container);
    await sandbox.close();
  });

  const apply = async (stage: string): Promise<void> => {
    const { code } = await sandbox.toolkit(
      shell,
      ["apply", stage, ...owner],
      encodeRequirements([file(path, "x\n")]),
    );
    expect(code).toBe(0);
  };
  const undo = (...words: string[]): Promise<Result> => sandbox.toolkit(shell, ["undo", ...words, ...owner]);
  const isThere = async (): Promise<boolean> => (await sandbox.sh(`ls ${path} 2>/dev/null || :`)) !== "";

  it("is refused for what they need, with all ways out", async () => {
    await apply("kubelet");
    for (const what of ["kubelet", "--all"]) {
      const { code, stderr } = await undo(what);
      expect(code).toBe(1);
      expect(stderr).toMatch(
        /stage kubelet is not undone: this node runs Pods \(1, in \d+ containers\).*kubectl drain \S+ --ignore-daemonsets.*kubectl delete node.*nodes\.node-0\.undoWithPods: true/,
      );
      expect(await isThere()).toBe(true);
    }
    await sandbox.sh("rmdir /var/lib/kubelet/pods/1");
    expect((await undo("kubelet")).code).toBe(0);
    expect(await isThere()).toBe(false);
  });

  it.each(["container-runtime", "cni", "kubernetes-binaries", "kubernetes-packages", "kube-proxy"])(
    "is refused for the stage %s, too",
    async (stage) => {
      await apply(stage);
      const { code, stderr } = await undo(stage);
      expect([code, await isThere()]).toEqual([1, true]);
      expect(stderr).toContain(`stage ${stage} is not undone: this node runs Pods`);
    },
  );

  it("is done where it is wanted, and for everything else", async () => {
    await apply("kubelet");
    expect((await undo("kubelet", "--with-pods")).code).toBe(0);
    expect(await isThere()).toBe(false);
    await apply("admin-user");
    expect((await undo("admin-user")).code).toBe(0);
    expect(await isThere()).toBe(false);
  });

  it("does not keep a requirement from leaving its stage", async () => {
    await apply("kubelet");
    const { code } = await sandbox.toolkit(shell, ["apply", "kubelet", ...owner], "");
    expect([code, await isThere()]).toEqual([0, false]);
  });
});
