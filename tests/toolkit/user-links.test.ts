import { user } from "../../plan/kinds";
import { Sandbox, shells } from "./sandbox";

const key = (name: string) => `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI${name.repeat(10)} ${name}@example`;
const home = "/home/kube";
const keys = `${home}/.ssh/authorized_keys`;
const operators = "/root/.ssh/authorized_keys";

describe.each(shells)("user under %s, whose account leads to what is root's", (shell) => {
  let sandbox: Sandbox;
  beforeEach(async () => {
    sandbox = await Sandbox.open();
    await sandbox.sh(
      `userdel -r kube 2>/dev/null; rm -rf /home/kube; rm -rf /etc/skel; mkdir /etc/skel; echo x >/etc/skel/.profile
       rm -rf /root/.ssh; mkdir -m 755 /root/.ssh; echo '${key("r")}' >${operators}; chmod 600 ${operators}; chmod 755 /root
       mkdir -p /srv/other; echo x >/srv/other/.profile`,
    );
  });
  afterEach(() => sandbox.close());

  const wanted = user("kube", { authorizedKeys: [key("a"), key("b")] });
  const apply = async () => expect((await sandbox.apply(shell, [wanted])).code).toBe(0);
  const undo = async () => {
    const result = await sandbox.undo(shell);
    expect(result.code).toBe(0);
    return result.stderr;
  };
  const root = () =>
    sandbox.sh(
      `find /root/.ssh /srv/other -printf '%p %y %m %u:%g %T@\\n' | sort; cat ${operators} /srv/other/.profile`,
    );

  const old = `useradd -m -s /bin/sh kube; mkdir -m 755 ${home}/.ssh; echo '${key("c")}' >${keys}; chmod 644 ${keys}`;
  const linkFolder = `rm -r ${home}/.ssh; ln -s /root/.ssh ${home}/.ssh`;
  const linkKeys = `ln -sf ${operators} ${keys}`;
  const linkHome = `rm -r ${home}; ln -s /root ${home}`;

  // An account that was there before has a .ssh of root's, so that undo has owners to give back too.
  it.each([
    ["a linked .ssh", ":", linkFolder, `${home}/.ssh is a symbolic link and is left alone`],
    ["a linked .ssh of an old account", old, linkFolder, `${home}/.ssh is a symbolic link and is left alone`],
    ["linked keys", ":", linkKeys, `${keys} is a symbolic link and is left alone`],
    ["linked keys of an old account", old, linkKeys, `${keys} is a symbolic link and is left alone`],
    ["a linked home", ":", linkHome, "belongs to somebody else and is left alone"],
    ["a linked home of an old account", old, linkHome, "belongs to somebody else and is left alone"],
    ["a home linked to a new one", ":", `rm -r ${home}; ln -s /srv/other ${home}`, "is a symbolic link"],
    ["a .ssh of root", ":", `chown -R root: ${home}/.ssh`, ".ssh belongs to somebody else and is left alone"],
  ])("undo leaves that alone: %s", async (_, before, trick, warning) => {
    await sandbox.sh(`${before}; [ ! -e ${keys} ] || chown -R root: ${home}/.ssh`);
    await apply();
    await sandbox.sh(trick);
    const found = await root();
    expect(await undo()).toContain(warning);
    expect(await root()).toBe(found);
  });

  const as = "setpriv --reuid=kube --regid=kube --clear-groups";
  const seen = async () => (await sandbox.observe(shell, [wanted])).map(({ phrase }) => phrase);

  it("does not wait for keys that never end, nor read more than keys can be", async () => {
    await apply();
    await sandbox.sh(`rm ${keys}; ${as} mkfifo -m 600 ${keys}`);
    const begin = Date.now();
    expect(await seen()).toEqual([
      expect.stringContaining(`has ${keys} (fifo, mode 600, owner kube), must have it`),
    ]);
    expect(Date.now() - begin).toBeLessThan(20_000);
    await sandbox.sh(`rm ${keys}; ${as} sh -c 'umask 077; truncate -s 64M ${keys}'`);
    expect(await seen()).toEqual([`has more than 1 MiB in ${keys}, must have authorized keys there alone`]);
    const { code, stderr } = await sandbox.apply(shell, [wanted]);
    expect(code).toBe(1);
    expect(stderr).toContain(
      `user kube: ${keys} has more than 1 MiB, must hold authorized keys alone; move it away`,
    );
    expect(await undo()).toContain(`${keys} has more than 1 MiB and is left alone`);
  });

  it("is not taken over where it is an account of a directory, and that is said before anything is recorded", async () => {
    await sandbox.sh(
      `userdel -r kube 2>/dev/null || :
       printf '#!/bin/sh\\ncase "$*" in "passwd kube") echo kube:*:70001:70001::/home/kube:/bin/bash ;; *) exec /usr/bin/getent "$@" ;; esac\\n' \
         >/usr/local/sbin/getent; chmod 0755 /usr/local/sbin/getent`,
    );
    const result = await sandbox.apply(shell, [user("kube", { authorizedKeys: [] })]);
    expect([result.code, result.stderr]).toEqual([
      1,
      expect.stringContaining(
        "user kube is an account of a directory (sssd, LDAP), not of this machine: choose another",
      ),
    ]);
    expect(await sandbox.sh("ls -d /home/kube /var/lib/nodeprep/req/* 2>/dev/null || :")).toBe("");
  });

  it("undo leaves that alone when the account was removed since", async () => {
    await sandbox.sh(`${old}; chown -R root: ${home}/.ssh`);
    await apply();
    await sandbox.sh(`chown 4242 /root/.ssh ${operators}; ${linkFolder}; userdel kube`);
    const found = await root();
    await undo();
    expect(await root()).toBe(found);
  });

  it("undo gives all back through a linked home that is the account's", async () => {
    await sandbox.sh(
      `${old}; mv ${home} /srv/home; ln -s /srv/home ${home}; chmod 755 /srv/home; chown -R root: ${home}/.ssh`,
    );
    const look = `find /srv/home -printf '%p %y %m %u:%g\\n' | sort`;
    const before = await sandbox.sh(look);
    await apply();
    expect(await undo()).not.toContain("warning");
    expect(await sandbox.sh(look)).toBe(before);
  });

  it("apply gives a home away only where it is no link", async () => {
    await sandbox.sh(`useradd -m kube; rm -r ${home}; ln -s /etc ${home}`);
    const result = await sandbox.apply(shell, [wanted]);
    expect(result.stderr).toContain("is a symbolic link to what is not its own");
    expect(await sandbox.sh("stat -c %U /etc")).toBe("root\n");
  });
});
