import { user, type UserOptions } from "../../plan/kinds";
import { Sandbox, shells } from "./sandbox";

const key = (name: string) => `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI${name.repeat(10)} ${name}@example`;
const home = "/home/kube";
const keys = `${home}/.ssh/authorized_keys`;

/** Everything that an account leaves on a machine. */
const look = `
  cd /etc; sha256sum passwd shadow group gshadow subuid subgid; stat -c '%n %a %U:%G' passwd shadow group gshadow
  find /home /var/mail/ -printf '%p %y %m %u:%g %l\\n' 2>/dev/null | sort
  cat ${keys} 2>/dev/null || :`;

describe.each(shells)("user under %s", (shell) => {
  let sandbox: Sandbox;
  beforeEach(async () => {
    sandbox = await Sandbox.open();
    await sandbox.sh(
      "userdel -r kube 2>/dev/null; rm -rf /home/kube; rm -rf /etc/skel; mkdir /etc/skel; echo x >/etc/skel/.profile",
    );
  });
  afterEach(() => sandbox.close());

  const wanted = (options: Partial<UserOptions> = {}) =>
    user("kube", { authorizedKeys: [key("a"), key("b")], ...options });
  const phrases = async (requirement = wanted()) =>
    (await sandbox.observe(shell, [requirement]))
      .filter(({ state }) => state === "differs")
      .map(({ phrase }) => phrase);
  const apply = async (requirement = wanted()) => {
    const result = await sandbox.apply(shell, [requirement]);
    expect({ code: result.code, errors: result.stderr.match(/error.*/g) }).toEqual({ code: 0, errors: null });
    expect(await phrases(requirement)).toEqual([]);
  };
  const undo = async () => {
    const result = await sandbox.undo(shell);
    expect(result.code).toBe(0);
    return result.stderr;
  };

  it("makes the account that sshd lets in by key alone, and takes all of it away", async () => {
    const before = await sandbox.sh(look);
    expect(await phrases()).toEqual(["is absent, must be an account"]);
    await apply();
    expect(
      await sandbox.sh(
        `getent passwd kube | cut -d: -f6,7; getent shadow kube | cut -d: -f2,5,8; cat ${keys}`,
      ),
    ).toBe(`${home}:/bin/bash\n*::\n${key("a")}\n${key("b")}\n`);
    expect(await sandbox.sh(`stat -c '%a %U:%G' ${home}/.ssh ${keys}`)).toBe(
      "700 kube:kube\n600 kube:kube\n",
    );
    await undo();
    expect(await sandbox.sh(look)).toBe(before);
  });

  it("sees and repairs what is done to it", async () => {
    const before = await sandbox.sh(look);
    await apply();
    const tamperings: [string, RegExp][] = [
      ["echo kube:secret | chpasswd", /^has a password that works, must be locked$/],
      ["passwd -d kube", /^has a password that works/],
      ["usermod -s /bin/sh kube", /^has shell \/bin\/sh, must have \/bin\/bash$/],
      ["chage -E 1 kube", /^is expired/],
      ["chage -d 0 kube", /^must change its password/],
      ["chage -d 1 -M 5 kube", /^has an expired password/],
      [`sed -i /a@/d ${keys}; chown kube: ${keys}`, /^lacks 1 of its authorized keys$/],
      [`: >${keys}`, /lacks 2 of its authorized keys$/],
      [`rm -r ${home}/.ssh`, /\.ssh \(absent\)/],
      [`chmod 666 ${keys}`, /mode 666/],
      [`chown root:root ${keys} ${home}/.ssh`, /owner root/],
      [`chmod g+w ${home}`, /^has the home \/home\/kube \(directory, mode 775, owner kube\)/],
      [`chown root ${home}`, /owner root/],
      [`rm -rf ${home}`, /the home \/home\/kube \(absent\)/],
      ["userdel kube", /^is absent/],
    ];
    for (const [tampering, phrase] of tamperings) {
      await sandbox.sh(tampering);
      expect(await phrases()).toEqual([expect.stringMatching(phrase)]);
      await apply();
    }
    await undo();
    expect(await sandbox.sh(look)).toBe(before);
  });

  it("lets other keys be, knows a key by another comment, and takes ours away when they leave", async () => {
    await apply();
    const theirs = `from="10.0.0.0/8" ${key("c")}`;
    await sandbox.sh(
      `cat >>${keys}; sed -i 's/a@example/renamed/' ${keys}; chown kube: ${keys}`,
      `# people\n${theirs}`,
    );
    expect(await phrases()).toEqual([]);
    const fewer = wanted({ authorizedKeys: [key("b")] });
    expect(await phrases(fewer)).toEqual(["still has 1 authorized keys that it must have no more"]);
    await apply(fewer);
    expect(await sandbox.sh(`cat ${keys}`)).toBe(`${key("b")}\n# people\n${theirs}\n`);
    expect(await undo()).toContain("/home/kube stays: it holds more than a new home does");
    expect(await sandbox.sh(`cat ${keys}; getent passwd kube || echo gone`)).toBe(
      `# people\n${theirs}\ngone\n`,
    );
  });

  it("keeps a home into which somebody put something, and takes it up again", async () => {
    await apply();
    await sandbox.sh(`echo notes >${home}/notes`);
    expect(await undo()).toContain("stays");
    expect(await sandbox.sh(`ls -A ${home}`)).toBe(".profile\nnotes\n");
    await sandbox.sh(`chown -R 4242 ${home}`);
    await apply();
    await undo();
    expect(await sandbox.sh(`ls -A ${home}; stat -c %u ${home}`)).toBe(".profile\nnotes\n4242\n");
  });

  it("gives an account that was there before back as it was", async () => {
    await sandbox.sh(
      `useradd -m -s /bin/sh -K PASS_MAX_DAYS=90 kube; echo 'kube:$6$salt$hash' | chpasswd -e; chage -E 2021-01-01 kube
       mkdir ${home}/.ssh; printf '%s' '${key("a")}' >${keys}; touch -d @1600000000 ${keys}; chmod 755 ${home}/.ssh; chown -R kube: ${home}/.ssh`,
    );
    const before = await sandbox.sh(look);
    const time = await sandbox.sh(`stat -c %Y ${keys}`);
    await apply();
    expect(await sandbox.sh("getent shadow kube | cut -d: -f2")).toBe("!$6$salt$hash\n");
    await undo();
    expect(await sandbox.sh(look)).toBe(before);
    expect(await sandbox.sh(`stat -c %Y ${keys}`)).toBe(time);
  });

  it("leaves what people did to such an account since", async () => {
    await sandbox.sh("useradd -m -s /bin/sh kube; echo 'kube:$6$salt$hash' | chpasswd -e");
    await apply();
    await sandbox.sh(
      `usermod -s /bin/dash kube; echo 'kube:$6$other$hash' | chpasswd -e; chmod 0711 ${home}`,
    );
    await undo();
    expect(
      await sandbox.sh(
        "getent passwd kube | cut -d: -f7; getent shadow kube | cut -d: -f2; stat -c %a /home/kube",
      ),
    ).toBe("/bin/dash\n$6$other$hash\n711\n");
    expect(await sandbox.sh(`ls ${home}/.ssh 2>&1 || :`)).toContain("No such file");
  });

  it("joins groups and leaves those that it joined", async () => {
    await sandbox.sh("groupadd one; groupadd two; useradd -m -G one kube");
    const member = wanted({ groups: ["one", "two"] });
    expect(await phrases(member)).toContainEqual(expect.stringContaining("is not in two, must be"));
    await apply(member);
    expect(await sandbox.sh("id -nG kube")).toBe("kube one two\n");
    await undo();
    expect(await sandbox.sh("id -nG kube")).toBe("kube one\n");
  });

  it("uses a group of its name that is there, and leaves it", async () => {
    await sandbox.sh("groupadd -g 4711 kube");
    const before = await sandbox.sh("cat /etc/group");
    await apply();
    expect(await sandbox.sh("id -g kube")).toBe("4711\n");
    await undo();
    expect(await sandbox.sh("cat /etc/group")).toBe(before);
  });

  it("gives keys that were there before the account back to whom they belonged", async () => {
    await sandbox.sh(
      `mkdir -p ${home}/.ssh; echo '${key("c")}' >${keys}; chmod 644 ${keys}; chown 4242 ${keys}`,
    );
    const before = await sandbox.sh(look);
    await apply();
    expect(await undo()).not.toContain("error");
    expect(await sandbox.sh(look)).toBe(before);
  });

  it("does not follow links that the account lays", async () => {
    await apply();
    await sandbox.sh(`cp /etc/shadow /etc/secret; chmod 600 /etc/secret; ln -sf /etc/secret ${keys}`);
    const secret = await sandbox.sh("sha256sum /etc/secret; stat -c '%a %U' /etc/secret");
    await apply();
    expect(await sandbox.sh(`cat ${keys}`)).toBe(`${key("a")}\n${key("b")}\n`);
    await sandbox.sh(`rm -r ${home}/.ssh; ln -s /etc ${home}/.ssh`);
    expect((await sandbox.apply(shell, [wanted()])).stderr).toContain(
      "is a symbolic link, must be a directory",
    );
    expect(await sandbox.sh("sha256sum /etc/secret; stat -c '%a %U' /etc/secret")).toBe(secret);
  });

  it("says so when the shell is not there", async () => {
    const result = await sandbox.apply(shell, [wanted({ shell: "/bin/none" })]);
    expect(result.code).toBe(1);
    expect(result.stderr).toContain("its shell /bin/none is not on this machine");
    await undo();
    expect(await sandbox.sh("getent passwd kube || echo gone")).toBe("gone\n");
  });

  describe("whose account somebody made after a run that did not", () => {
    const make = `useradd -m -s /bin/sh kube; echo 'kube:$6$salt$hash' | chpasswd -e; chmod 0711 ${home}`;

    const failures: readonly [string, () => Promise<unknown>][] = [
      ["cut off before its capture counted", () => sandbox.applyCutOff(shell, [wanted()], "sync", 1)],
      ["cut off right after it", () => sandbox.applyCutOff(shell, [wanted()], "sync", 2)],
      ["lacking its shell", () => sandbox.apply(shell, [wanted({ shell: "/bin/none" })])],
      [
        "whose useradd failed",
        async () => {
          await sandbox.sh(
            "printf '#!/bin/sh\nexit 1\n' >/usr/local/sbin/useradd; chmod +x /usr/local/sbin/useradd",
          );
          await sandbox.apply(shell, [wanted()]);
          await sandbox.sh("rm /usr/local/sbin/useradd");
        },
      ],
    ];

    it.each(failures)("gives theirs back as they made it: %s", async (_, fail) => {
      await fail();
      await sandbox.sh(make);
      const before = await sandbox.sh(look);
      await apply();
      await undo();
      expect(await sandbox.sh(look)).toBe(before);
    });

    it.each(failures)("leaves it alone where no other run came: %s", async (_, fail) => {
      await sandbox.sh(`mkdir ${home}; chown 4242 ${home}`);
      await fail();
      await sandbox.sh(`${make}; chown -R kube: ${home}`);
      const before = await sandbox.sh(look);
      await undo();
      expect(await sandbox.sh(look)).toBe(before);
    });

    it("says so where the record lost who made it, and takes the keys away", async () => {
      await apply();
      await sandbox.sh("rm /var/lib/nodeprep/req/user:kube/made");
      expect(await undo()).toContain("warning: user kube stays, without nodeprep's keys");
      expect(await sandbox.sh(`getent passwd kube | cut -d: -f1; ls ${keys} 2>/dev/null || :`)).toBe(
        "kube\n",
      );
    });

    it("still takes away an account of a record that knows no mark of who made it", async () => {
      const before = await sandbox.sh(look);
      await apply();
      await sandbox.sh(
        "cd /var/lib/nodeprep/req/user:kube; sed -i '/made is marked/d' found; rm made; sha256sum $PWD/found >seal",
      );
      await undo();
      expect(await sandbox.sh(look)).toBe(before);
    });
  });
});
