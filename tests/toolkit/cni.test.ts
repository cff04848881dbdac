import { file, firstConfig, links } from "../../plan/kinds";
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
});
