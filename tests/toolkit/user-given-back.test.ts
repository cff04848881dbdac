import { user } from "../../plan/kinds";
import { Sandbox, shells } from "./sandbox";

const key = (name: string, type = "ssh-ed25519") =>
  `${type} AAAAC3NzaC1lZDI1NTE5AAAAI${name.repeat(10)} ${name}@example`;
const home = "/home/kube";
const keys = `${home}/.ssh/authorized_keys`;

describe.each(shells)("an account that was there, under %s", (shell) => {
  let sandbox: Sandbox;
  beforeEach(async () => {
    sandbox = await Sandbox.open();
    await sandbox.sh("userdel -r kube 2>/dev/null; rm -rf /home/kube; useradd -m -s /bin/bash kube");
  });
  afterEach(() => sandbox.close());

  const apply = async (wanted = user("kube", { authorizedKeys: [key("a")] })) => {
    expect((await sandbox.apply(shell, [wanted])).code).toBe(0);
    expect(await sandbox.observe(shell, [wanted])).toEqual([]);
  };

  it.each([
    ["no password", "passwd -d kube", "!"],
    ["a password to be changed", "echo 'kube:$6$salt$hash' | chpasswd -e; chage -d 0 kube", "!$6$salt$hash"],
  ])("has %s again", async (_, make, locked) => {
    await sandbox.sh(make);
    const before = await sandbox.sh("getent shadow kube");
    await apply();
    expect(await sandbox.sh("getent shadow kube | cut -d: -f2")).toBe(`${locked}\n`);
    expect((await sandbox.undo(shell)).code).toBe(0);
    expect(await sandbox.sh("getent shadow kube")).toBe(before);
  });

  it("has the key of a security key once, whatever its comment", async () => {
    const theirs = key("s", "sk-ssh-ed25519@openssh.com");
    await sandbox.sh(
      `mkdir -m 700 ${home}/.ssh; cat >${keys}; chmod 600 ${keys}; chown -R kube: ${home}/.ssh`,
      `${theirs.replace("s@example", "renamed")}\n`,
    );
    await apply(user("kube", { authorizedKeys: [theirs] }));
    expect(await sandbox.sh(`grep -c . ${keys}`)).toBe("1\n");
  });

  it("gets no file of somebody else by a second name that it gives it", async () => {
    await sandbox.sh(
      `echo theirs >/home/theirs; chmod 600 /home/theirs
       mkdir -m 700 ${home}/.ssh; chown kube: ${home}/.ssh; ln /home/theirs ${keys}`,
    );
    const look = () => sandbox.sh("cat /home/theirs; stat -c '%a %U:%G' /home/theirs");
    const before = await look();
    await apply();
    expect(await look()).toBe(before);
    await sandbox.sh(`ln -f /home/theirs ${keys}`);
    expect((await sandbox.undo(shell)).code).toBe(0);
    expect(await look()).toBe(before);
  });
});
