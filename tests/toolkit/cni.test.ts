import { file, firstConfig, links } from "../../plan/kinds";
import { encodeRequirements, type Requirement } from "../../plan/requirement";
import { Sandbox, shells } from "./sandbox";

const conf = "/etc/cni-test/10-bridge.conf";
const bin = "/opt/cni-test";
const from = "/usr/lib/cni-test";

describe.each(shells)("CNI's files under %s", (shell) => {
  let sandbox: Sandbox;
  beforeEach(async () => {
    sandbox = await Sandbox.open();
    await sandbox.sh(`mkdir -p ${bin} ${from} /etc/cni-test; touch ${from}/bridge ${from}/host-local`);
  });
  afterEach(() => sandbox.close());

  const seen = async (...requirements: ReturnType<typeof links>[]) =>
    (await sandbox.observe(shell, requirements)).map(({ state, phrase }) => `${state} ${phrase}`);
  const applied = async (...requirements: ReturnType<typeof links>[]) => {
    const result = await sandbox.apply(shell, requirements);
    expect({ code: result.code, errors: result.stderr.match(/error.*/g) }).toEqual({ code: 0, errors: null });
    return result;
  };
  const undone = async () => expect((await sandbox.undo(shell)).code).toBe(0);

  describe("links", () => {
    const wanted = links(bin, from);
    const state = () => sandbox.sh(`cd ${bin}; for f in *; do echo "$f $(readlink "$f")"; done`);

    it("gives a folder what another has, and takes it away again", async () => {
      expect(await seen(wanted)).toEqual([`differs lacks bridge host-local, must have what is in ${from}`]);
      await applied(wanted);
      expect(await seen(wanted)).toEqual([]);
      expect(await state()).toBe(`bridge ${from}/bridge\nhost-local ${from}/host-local\n`);
      await undone();
      expect(await state()).toBe("* \n");
    });

    it("leaves alone what others have put there, then and now", async () => {
      await sandbox.sh(`cd ${bin}; echo mine >bridge; ln -s /etc/hostname calico`);
      await applied(wanted);
      await sandbox.sh(`cd ${bin}; rm host-local; echo theirs >host-local`);
      expect(await seen(wanted)).toEqual([]);
      await undone();
      expect(await state()).toBe("bridge \ncalico /etc/hostname\nhost-local \n");
    });

    it.each([
      ["rm BIN/bridge", "lacks bridge"],
      ["ln -sf nowhere BIN/bridge", "lacks bridge"],
      ["touch FROM/new", "lacks new"],
    ])("sees and repairs: %s", async (tampering, phrase) => {
      await applied(wanted);
      await sandbox.sh(tampering.replace("BIN", bin).replace("FROM", from));
      expect((await seen(wanted))[0]).toContain(phrase);
      await applied(wanted);
      expect(await seen(wanted)).toEqual([]);
    });

    it("names a folder in which nothing is", async () => {
      await sandbox.sh(`rm ${from}/*`);
      expect(await seen(wanted)).toEqual([`differs is to have what is in ${from}, but nothing is there`]);
      expect((await sandbox.apply(shell, [wanted])).stderr).toContain(`there is nothing in ${from}`);
    });
  });

  describe("the first configuration", () => {
    const both = [file(conf, "{}\n"), firstConfig(conf)];
    const list = () => sandbox.sh("cd /etc/cni-test; ls -A");

    it("holds where nothing comes before it", async () => {
      await sandbox.sh("cd /etc/cni-test; touch 20-other.conf 05-README 05-old.conf.bak");
      await applied(...both);
      expect(await seen(...both)).toEqual([]);
    });

    it("names another network that is in use before it comes, and nothing that is no cluster's", async () => {
      const others = "20-loopback.conf 87-podman-bridge.conflist 10-crio-bridge.conflist.disabled";
      await sandbox.sh(`cd /etc/cni-test; touch ${others}`);
      expect(await seen(firstConfig(conf))).toEqual(["unrecorded holds, but is not on record here"]);
      await sandbox.sh("cd /etc/cni-test; echo a >10-calico.conflist");
      expect(await seen(firstConfig(conf))).toEqual([
        expect.stringContaining(
          "is to take the place of 10-calico.conflist, from which Pods get their network now",
        ),
      ]);
      await applied(...both);
      expect(await seen(...both)).toEqual([]);
      await undone();
    });

    it("names what comes before it, moves that aside, and puts it back in the end", async () => {
      await applied(...both);
      await sandbox.sh("cd /etc/cni-test; echo a >05-cilium.conflist; echo b >'10-a b.json'");
      expect(await seen(...both)).toEqual([
        "differs is not what the runtime takes, 05-cilium.conflist 10-a b.json comes first; must be the first",
      ]);
      const { stderr } = await applied(...both);
      expect(stderr).toContain("05-cilium.conflist is renamed to 05-cilium.conflist.nodeprep-aside");
      expect(await seen(...both)).toEqual([]);
      expect(await list()).toBe(
        "05-cilium.conflist.nodeprep-aside\n10-a b.json.nodeprep-aside\n10-bridge.conf\n",
      );
      await undone();
      expect(await list()).toBe("05-cilium.conflist\n10-a b.json\n");
    });

    it("leaves aside what has come again", async () => {
      await sandbox.sh("cd /etc/cni-test; echo a >05-x.conf");
      await applied(...both);
      await sandbox.sh("cd /etc/cni-test; echo new >05-x.conf");
      expect((await sandbox.undo(shell)).stderr).toContain("05-x.conf.nodeprep-aside stays as it is");
      expect(await list()).toBe("05-x.conf\n05-x.conf.nodeprep-aside\n");
    });

    it("names what would come before it, also where ours is missing", async () => {
      await applied(...both);
      await sandbox.sh(`rm ${conf}; touch /etc/cni-test/05-x.conf /etc/cni-test/11-y.conf`);
      expect(await seen(...both)).toEqual([
        "differs is absent, must be a file",
        "differs is not what the runtime takes, 05-x.conf comes first; must be the first",
      ]);
    });
  });

  describe("the bridge", () => {
    const bridge = "ip link add cni0 type bridge; ip address add 10.200.1.1/24 dev cni0";
    const pod = "ip link add to-pod type veth peer name in-pod; ip link set to-pod master cni0";
    const at = (gateway: string) => [file(conf, `{ "${gateway}": 1 }\n`), firstConfig(conf, { gateway })];
    const before = at("10.200.1.1/24");
    const after = at("10.200.2.1/24");
    // What the kernel says of the sandbox's own network.
    beforeEach(() => sandbox.sh("mount -t sysfs sysfs /sys"));

    const cniStage = (requirements: readonly Requirement[]) =>
      sandbox.toolkit(
        shell,
        ["apply", "cni", "--as", "org/project/stack/node"],
        encodeRequirements(requirements),
      );
    const isThere = async () => (await sandbox.sh("ls /sys/class/net")).split("\n").includes("cni0");
    const drain = /error: Pods of this node hang on the bridge cni0.*kubectl drain \S+ --ignore-daemonsets/;

    it("with the address of another network is a difference, and goes", async () => {
      await sandbox.sh(`${bridge}; ip -6 address add fd00::1/64 dev cni0`);
      await applied(...before);
      expect([await seen(...before), await isThere()]).toEqual([[], true]);
      expect((await seen(...after)).at(-1)).toBe(
        "differs finds cni0 with the address 10.200.1.1/24, must find it with 10.200.2.1/24: no Pod starts so",
      );
      await applied(...after);
      expect([await seen(...after), await isThere()]).toEqual([[], false]);
    });

    it("stays, and the configuration with it, as long as Pods hang on it", async () => {
      await applied(...before);
      await sandbox.sh(`${bridge}; ${pod}`);
      const { code, stderr } = await sandbox.apply(shell, after);
      expect([code, stderr]).toEqual([1, expect.stringMatching(drain)]);
      expect(await seen(...before)).toEqual([]);
      await sandbox.sh("ip link delete to-pod");
      await applied(...after);
      expect(await isThere()).toBe(false);
    });

    it("goes with its configuration where another network comes, but not under Pods", async () => {
      expect((await cniStage(before)).code).toBe(0);
      await sandbox.sh(`${bridge}; ${pod}`);
      const { code, stderr } = await cniStage([]);
      expect([code, stderr]).toEqual([1, expect.stringMatching(drain)]);
      expect(await sandbox.sh(`ls ${conf}`)).toBe(`${conf}\n`);
      await sandbox.sh("ip link delete to-pod");
      expect((await cniStage([])).code).toBe(0);
      expect([await isThere(), await sandbox.sh(`ls /etc/cni-test`)]).toEqual([false, ""]);
    });

    it("stays where its configuration only moves", async () => {
      await sandbox.sh(bridge);
      expect((await cniStage(before)).code).toBe(0);
      const elsewhere = "/etc/cni-test/moved/10-bridge.conf";
      const moved = [file(elsewhere, "{}\n"), firstConfig(elsewhere, { gateway: "10.200.1.1/24" })];
      expect((await cniStage(moved)).code).toBe(0);
      expect(await isThere()).toBe(true);
    });
  });
});
