import type { Requirement } from "../../plan/requirement";
import { secret, secretFile, withSecrets } from "../../plan/secrets";
import { Sandbox, shells } from "./sandbox";

const key = "5".repeat(64);
const path = "/var/lib/nodeprep-test/kubelet.key";
const text = "-----BEGIN PRIVATE KEY-----\n$(reboot) %s \\n\n\n-----END PRIVATE KEY-----\n";

describe.each(shells)("secrets under %s", (shell) => {
  let sandbox: Sandbox;
  beforeEach(async () => {
    sandbox = await Sandbox.open();
  });
  afterEach(() => sandbox.close());

  /** What the two stages ask for, in one: the secrets with their texts, and the file that is made of one. */
  const wanted = (content = text): readonly Requirement[] => [
    secret("digest-key", key, key),
    secret("kubelet.key", content, key),
    secretFile(path, { id: "kubelet.key", text: content, key }),
  ];
  const sent = (content = text) =>
    withSecrets(wanted(content), { "digest-key": key, "kubelet.key": content });
  const seen = async (requirements = wanted()) =>
    (await sandbox.observe(shell, requirements)).map(({ name, phrase }) => `${name} ${phrase}`);
  const applied = async (requirements = sent()) => {
    const result = await sandbox.apply(shell, requirements);
    expect({ code: result.code, errors: result.stderr.match(/error.*/g) }).toEqual({ code: 0, errors: null });
    return result;
  };
  const content = () => sandbox.sh(`stat -c '%a %U:%G' ${path}; cat ${path}`);

  it("puts the secret into its file, for root alone, and observes it without having it", async () => {
    expect(await seen()).toEqual([
      "secret:digest-key is absent, must be on the node",
      "secret:kubelet.key is absent, must be on the node",
      `file:${path} is absent, must be a file`,
    ]);
    const { stdout, stderr } = await applied();
    expect(stdout + stderr).not.toContain("PRIVATE KEY");
    expect(await content()).toBe(`600 root:root\n${text}`);
    expect(await seen()).toEqual([]);
    expect(
      await sandbox.sh("stat -c %a /var/lib/nodeprep; find /var/lib/nodeprep -name spec -perm /077"),
    ).toBe("700\n");
  });

  it.each([
    ["echo more >>FILE", "has other content (a secret, not shown)"],
    ["chmod 0644 FILE", "has mode 644, must have 600"],
    ["rm FILE", "is absent, must be a file"],
    ["mv FILE /etc/moved; ln -s /etc/moved FILE", "is a symbolic link to /etc/moved, must be a file"],
  ])("sees and repairs: %s", async (tampering, phrase) => {
    await applied();
    await sandbox.sh(tampering.replaceAll("FILE", path));
    expect(await seen()).toEqual([`file:${path} ${phrase}`]);
    await applied();
    expect(await content()).toBe(`600 root:root\n${text}`);
  });

  it("sees that the node has another secret than the configuration, and brings the new one", async () => {
    await applied();
    expect(await seen(wanted("other\n"))).toEqual([
      "secret:kubelet.key is another one, must be the one of the configuration",
      `file:${path} has other content (a secret, not shown)`,
    ]);
    await applied(sent("other\n"));
    expect(await content()).toBe("600 root:root\nother\n");
    expect(await sandbox.sh("grep -rl 'PRIVATE KEY' /var/lib/nodeprep || :")).toBe("");
  });

  it("refuses a file whose secret did not arrive", async () => {
    const [, , file] = wanted();
    const result = await sandbox.apply(shell, file === undefined ? [] : [file]);
    expect(result.code).toBe(1);
    expect(result.stderr).toContain("its secret kubelet.key is not on this node");
  });

  it("names a secret whose text was changed in the record", async () => {
    await applied();
    await sandbox.sh("echo more >>/var/lib/nodeprep/req/secret:kubelet.key/spec");
    expect(await seen()).toEqual(["secret:kubelet.key is another one, must be the one of the configuration"]);
    await applied();
    expect(await seen()).toEqual([]);
  });

  it("undo leaves no secret behind, and gives back the file that was there", async () => {
    await sandbox.sh(`mkdir -p ${path.replace(/\/[^/]*$/, "")}; echo mine >${path}; chmod 0640 ${path}`);
    await applied();
    expect((await sandbox.undo(shell)).code).toBe(0);
    expect(await content()).toBe("640 root:root\nmine\n");
    expect(await sandbox.sh("grep -rlF '$(reboot) %s' /var/lib /etc /run /tmp || :")).toBe("");
  });
});
