import { dirname } from "node:path";
import { toolkit } from "../../components/toolkit";
import { encodeRequirements, type Requirement } from "../../plan/requirement";
import {
  arrivalLine,
  deliveryLine,
  payloadLine,
  toolkitPath,
  toolkitScript,
  undoLine,
} from "../../toolkit/script";
import { Sandbox, shells } from "./sandbox";

/* How the toolkit comes to a node: the survey of an update leaves it in /run, the first stage installs it. */
const requirements = toolkit.requirements({}, {} as never, {} as never);
const words = ["apply", "toolkit", "--as", "o/p/s/n"];
const root = { sudo: false };

describe("the toolkit on its way to a node", () => {
  let sandbox: Sandbox;
  beforeEach(async () => {
    sandbox = await Sandbox.open();
  });
  afterEach(() => sandbox.close());

  const deliver = () => sandbox.sh(deliveryLine(root), payloadLine(toolkitScript()));
  const install = () => sandbox.sh(arrivalLine(words, root), encodeRequirements(requirements));
  const left = () => sandbox.sh("ls /run | grep nodeprep-toolkit || :");

  it("is left for root alone, installed, and nothing of it stays behind", async () => {
    await deliver();
    expect(await sandbox.sh("stat -c '%a %U' /run/nodeprep-toolkit-*")).toBe("600 root\n");
    expect(await install()).toMatch(/^\nkernel=.+\nos=.+\n$/);
    expect(await left()).toBe("");
    expect(await sandbox.sh(`cat ${toolkitPath}`)).toBe(toolkitScript().text);
    expect(await sandbox.observe("dash", requirements)).toMatchObject([{ state: "unrecorded" }]);
  });

  it("that is installed already applies itself, and mends its mode", async () => {
    await deliver();
    await install();
    await sandbox.sh(`chmod 0666 ${toolkitPath}`);
    await install();
    expect(await sandbox.sh(`stat -c %a ${toolkitPath}`)).toBe("644\n");
  });

  it("takes from everybody the lock that toolkits before it left", async () => {
    await sandbox.sh(": >/run/nodeprep.lock; chmod 0644 /run/nodeprep.lock");
    await deliver();
    await install();
    expect(await sandbox.sh("stat -c %a /run/nodeprep.lock")).toBe("600\n");
  });

  it("is installed also below a folder that hands on its group (Debian's /usr/local, once)", async () => {
    await sandbox.sh("chgrp staff /usr/local/lib; chmod 2775 /usr/local/lib");
    await deliver();
    await install();
    expect(await sandbox.observe("dash", requirements)).toMatchObject([{ state: "unrecorded" }]);
  });

  it("that was edited is not taken for the right one, and comes again", async () => {
    await deliver();
    await install();
    await sandbox.sh(`echo '# mine' >>${toolkitPath}`);
    await expect(install()).rejects.toThrow(/is not the one that must be installed: run pulumi up again/);
    await deliver();
    await install();
    expect(await sandbox.sh(`cat ${toolkitPath}`)).toBe(toolkitScript().text);
  });

  it("that has not arrived is missed in words", async () => {
    await expect(install()).rejects.toThrow(/the toolkit is not on this node: run pulumi up again/);
  });

  it("that was cut off on the way does not arrive", async () => {
    const half = payloadLine(toolkitScript()).slice(0, 8000);
    await expect(sandbox.sh(deliveryLine(root), half)).rejects.toThrow(/gzip/);
    expect(await left()).toBe("");
    await expect(install()).rejects.toThrow(/not on this node/);
  });

  it("comes whole where two updates bring it at once, and one of them has installed it meanwhile", async () => {
    // The first is held half-way, until the second has come, and the toolkit is installed.
    await sandbox.sh(
      `cat >/run/half; head -c 8000 /run/half >/run/first; mkfifo /run/rest
       { cat /run/first /run/rest | ${deliveryLine(root)}; echo "ended $?"; } >/run/said 2>&1 &
       until ls /run/nodeprep-toolkit-*.sh.* >/dev/null 2>&1; do sleep 0.1; done`,
      payloadLine(toolkitScript()),
    );
    await deliver();
    await install();
    await sandbox.sh("tail -c +8001 /run/half >/run/rest; until grep -q ended /run/said; do sleep 0.1; done");
    expect(await sandbox.sh("cat /run/said")).toBe("ended 0\n");
    expect(await sandbox.sh(`cmp /run/nodeprep-toolkit-*.sh ${toolkitPath}`)).toBe("");
  });
});

describe("the toolkit that an undo finds", () => {
  let sandbox: Sandbox;
  beforeEach(async () => {
    sandbox = await Sandbox.open();
  });
  afterEach(() => sandbox.close());

  const text = toolkitScript().text;
  const leave = (content: string) =>
    sandbox.sh(`mkdir -p "$(dirname ${toolkitPath})"; cat >${toolkitPath}`, content);
  const undo = () => sandbox.sh(`(${undoLine("--all", "o/p/s/n", root)}) 2>&1`);

  it("undoes where it is whole", async () => {
    await leave(text);
    await sandbox.sh("mkdir -p /var/lib/nodeprep/req");
    expect(await undo()).toContain("as it was found");
  });

  it.each([
    ["is empty", ""],
    ["ends between two functions", text.slice(0, text.indexOf("\n}\n", text.length / 2) + 3)],
    ["lacks its last line", text.replace(/np_main "\$@"\n$/, "")],
    ["lacks a part of its last line", text.slice(0, -3)],
  ])("is not run where it %s: that is an error, in words", async (_, content) => {
    await leave(content);
    const line = undoLine("--all", "o/p/s/n", root);
    const said = await sandbox.sh(`(${line}) 2>&1; echo "ended with $?"`);
    expect(said).toMatch(
      /^nodeprep: error: the toolkit \S+ is gone, or cut short: run pulumi up, then this again; .* retire: abandon on the node and run pulumi up\nended with 1\n$/,
    );
  });

  it("may be gone after the undo of everything, which can be repeated; not for another owner, nor after an apply", async () => {
    await leave(text);
    await sandbox.sh("mkdir -p /var/lib/nodeprep/req");
    await undo();
    expect(await sandbox.sh(`ls -d ${dirname(toolkitPath)} /var/lib/nodeprep 2>&1 || :`)).not.toMatch(/^\//m);
    for (let times = 0; times < 2; times++)
      expect(await undo()).toBe("nodeprep: everything was given back already; record and toolkit are gone\n");
    await expect(sandbox.sh(undoLine("--all", "o/p/s/m", root))).rejects.toThrow(
      /the toolkit \S+ is gone, or cut short: run/,
    );
    await sandbox.toolkit("dash", words);
    await expect(sandbox.sh(undoLine("--all", "o/p/s/n", root))).rejects.toThrow(
      /the toolkit \S+ is gone, or cut short: run/,
    );
  });

  it("is missed where it is gone", async () => {
    await expect(undo()).rejects.toThrow(/ended with 1/);
  });
});

describe.each(shells)("the toolkit kind under %s", (shell) => {
  it("installs the script that runs, and refuses another", async () => {
    const sandbox = await Sandbox.open();
    try {
      const apply = (wanted: readonly Requirement[]) =>
        sandbox.toolkit(shell, words, encodeRequirements(wanted));
      const other = requirements.map((one) => ({ ...one, value: `sha256=${"0".repeat(64)}` }));
      expect(await apply(other)).toMatchObject({
        code: 1,
        stderr: expect.stringContaining("is not the one") as unknown,
      });
      expect(await apply(requirements)).toMatchObject({
        code: 0,
        stderr: expect.stringContaining("is absent") as unknown,
      });
      expect(await sandbox.sh(`stat -c '%a %U' ${toolkitPath}`)).toBe("644 root\n");
      expect(await sandbox.toolkit(shell, ["undo", "--all", "--as", "o/p/s/n"])).toMatchObject({ code: 0 });
      expect(await sandbox.sh(`ls ${toolkitPath} /var/lib/nodeprep 2>&1 || :`)).not.toMatch(/^\//m);
    } finally {
      await sandbox.close();
    }
  });
});
