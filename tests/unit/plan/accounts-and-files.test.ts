import { createHash } from "node:crypto";
import { adminUser } from "../../../components/admin-user";
import { selinux } from "../../../components/selinux";
import { swap } from "../../../components/swap";
import type { Facts } from "../../../plan/facts";
import { directory, file, user } from "../../../plan/kinds";
import type { NodeContext, StageDefinition } from "../../../plan/stage";

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

/** These stages follow from their arguments alone. */
const requirementsOf = <Args>(stage: StageDefinition<Args>, args: Args) =>
  stage.requirements(args, {} as Facts, {} as NodeContext);

describe("file", () => {
  it("sends the content without its last line break, and the digest of what the file will hold", () => {
    expect(file("/etc/a b", "one\n\n")).toEqual({
      kind: "file",
      key: "/etc/a b",
      value: `mode=0644 owner=root:root sha256=${sha256("one\n\n")}`,
      body: "one\n",
    });
    expect(file("/etc/a", "one").value).toBe(file("/etc/a", "one\n").value);
    expect(file("/etc/a", "").value).toContain(`sha256=${sha256("")}`);
  });

  it("says its mode, owner, base and check", () => {
    const options = { mode: "0440", owner: "kube:adm", basedOn: "absent", check: "sudoers" } as const;
    expect(file("/etc/a", "x", options).value).toBe(
      `mode=0440 owner=kube:adm sha256=${sha256("x\n")} based-on=absent check=sudoers`,
    );
  });

  it.each(["etc/a", "/etc/a/", "/etc//a", "/etc/../a", "/etc/./a", "/etc/..", "/", "/etc/a\nb", ""])(
    "refuses the path %j",
    (path) => {
      expect(() => file(path, "")).toThrow("must be an absolute path");
      expect(() => directory(path)).toThrow("must be an absolute path");
    },
  );

  it.each(["644 ", "0888", "u+x", "", "00644"])("refuses the mode %j", (mode) => {
    expect(() => file("/a", "", { mode })).toThrow("must be three or four octal digits");
  });

  it.each(["root", "root:", ":root", "ro ot:root", "root:root\nx", "-R:root"])(
    "refuses the owner %j",
    (owner) => {
      expect(() => directory("/a", { owner })).toThrow("must be user:group");
    },
  );
});

it("directory says mode and owner", () => {
  expect(directory("/opt/x", { mode: "0700", owner: "1:2" })).toEqual({
    kind: "directory",
    key: "/opt/x",
    value: "mode=0700 owner=1:2",
  });
});

describe("user", () => {
  const key = "ssh-ed25519 AAAA kube";

  it("says shell, password, groups and keys", () => {
    expect(
      user("kube", { authorizedKeys: [key, `from="::1" ${key}`], groups: ["adm", "systemd-journal"] }),
    ).toEqual({
      kind: "user",
      key: "kube",
      value: "shell=/bin/bash password=locked groups=adm,systemd-journal",
      body: `${key}\nfrom="::1" ${key}`,
    });
  });

  it.each([
    ["root", {}, "must be an account's name"],
    ["-kube", {}, "must be an account's name"],
    ["ku be", {}, "must be an account's name"],
    ["kube.", {}, "must be an account's name"],
    ["kube", { shell: "bash" }, "must be the absolute path of a shell"],
    ["kube", { shell: "/bin/bash x" }, "must be the absolute path of a shell"],
    ["kube", { groups: ["a,b"] }, "must be a group's name"],
    ["kube", { authorizedKeys: [`${key}\n${key}`] }, "must be one line of authorized_keys"],
    ["kube", { authorizedKeys: ["# comment"] }, "must be one line of authorized_keys"],
  ])("refuses %j with %j", (name, options, message) => {
    expect(() => user(name, { authorizedKeys: [key], ...options })).toThrow(message);
  });
});

describe("stages", () => {
  const names = (requirements: ReturnType<typeof requirementsOf>) =>
    requirements.map(({ kind, key }) => `${kind} ${key}`);

  it("admin-user has a sudo rule only when it is asked for, in a file that sudo reads", () => {
    const account = { name: "kube.admin", authorizedKeys: ["ssh-ed25519 AAAA"] };
    expect(names(requirementsOf(adminUser, { ...account, sudo: false }))).toEqual(["user kube.admin"]);
    const requirements = requirementsOf(adminUser, { ...account, sudo: true });
    expect(names(requirements)).toEqual([
      "user kube.admin",
      "package sudo",
      "file /etc/sudoers.d/nodeprep-kube,admin",
    ]);
    expect(requirements[2]).toMatchObject({ body: "kube.admin ALL=(ALL:ALL) NOPASSWD:ALL" });
    expect(requirements[2]?.value).toMatch(/^mode=0440 owner=root:root .* check=sudoers$/);
  });

  it("swap takes swap out of fstab before it turns it off", () => {
    expect(names(requirementsOf(swap, {}))).toEqual(["fstab /etc/fstab", "swap all"]);
  });

  it("selinux asks for the mode", () => {
    expect(requirementsOf(selinux, { mode: "enforcing" })).toEqual([
      { kind: "selinux", key: "mode", value: "enforcing" },
    ]);
  });
});
