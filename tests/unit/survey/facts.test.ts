import fc from "fast-check";
import { createHash } from "node:crypto";
import { hasFacts, parseFacts } from "../../../survey/facts";
import { unquote } from "../../../survey/os-release";
import { factsOutput } from "./fixtures";

const question = {
  packages: ["containerd", "firewalld"],
  files: ["/etc/fstab", "/etc/none"],
  sent: 1000,
  received: 1002.5,
};
const fstab = "/dev/vda / ext4 defaults 0 1\n";
const files = [`file=1 content ${Buffer.from(fstab).toString("base64")}`, "file=2 absent"];
const parse = (change: Record<string, string | undefined> = {}, more: readonly string[] = files) =>
  parseFacts(factsOutput({ clock: "1001", ...change }, more), question);

test("a node's facts", () => {
  const facts = parse({ "time-service": "chrony" }, [
    ...files,
    "package.installed=containerd 1.6.20~ds1-1+deb12u1",
    "package.candidate=firewalld 1.3.3-1~deb12u1",
    "ssh-port=2222",
    "product-uuid=4C4C4544-0034-4E10-8050-CAC04F4A3232",
  ]);
  expect(facts).toEqual({
    osId: "debian",
    osVersion: "12",
    osLike: [],
    osName: "Debian GNU/Linux 12 (bookworm)",
    architecture: "x86_64",
    kernel: "6.1.0-56-cloud-amd64",
    packageManager: "apt",
    init: "systemd",
    cgroupVersion: 2,
    selinux: "absent",
    sshPorts: [22, 2222],
    sshInterface: "eth0",
    sshZone: "public",
    packages: {
      containerd: { installed: "1.6.20~ds1-1+deb12u1" },
      firewalld: { candidate: "1.3.3-1~deb12u1" },
    },
    files: {
      "/etc/fstab": { content: fstab, sha256: createHash("sha256").update(fstab).digest("hex") },
      "/etc/none": undefined,
    },
    clockOffset: 0,
    timeService: "chrony",
    hostname: "lab",
    machineId: "85357aba63c447e29fc316cf431aff9c",
    productUuid: "4c4c4544-0034-4e10-8050-cac04f4a3232",
    networkManager: false,
    secretsKey: expect.stringMatching(/^[0-9a-f]{64}$/) as unknown,
  });
});

test("an address that is none is not known", () =>
  expect(parse({ "ssh-address": "$(reboot)" }).sshAddress).toBeUndefined());

test("signs of pods are read, where there are any", () => {
  const pods = (line: string) => parse({}, [...files, ...(line === "" ? [] : [`pods=${line}`])]).pods;
  expect(pods("")).toBeUndefined();
  expect(pods("3 4 joined cgroupfs")).toEqual({
    ...{ count: 3, containers: 4, joined: true },
    cgroupDriver: "cgroupfs",
  });
  expect(pods("0 1 alone unknown")).toEqual({ count: 0, containers: 1, joined: false });
  expect(pods("many")).toBeUndefined();
});

test("what a shell profile says before and after is not read", () => {
  const noisy = `Welcome!\nos.ID=windows\n${factsOutput({ clock: "1001" }, files)}\nkernel=0\n`;
  expect(hasFacts(noisy)).toBe(true);
  expect(parseFacts(noisy, question).osId).toBe("debian");
});

describe("what a node may lack", () => {
  test.each([
    [{ init: undefined }, { init: "other" }],
    [{ cgroup: "1" }, { cgroupVersion: 1 }],
    [{ "ssh-interface": "" }, { sshInterface: "" }],
    [{ "ssh-address": "10.200.3.4" }, { sshAddress: "10.200.3.4" }],
    [{ "ssh-address": "::ffff:10.200.3.4" }, { sshAddress: "10.200.3.4" }],
    [{ "ssh-address": "fe80::1%eth0" }, { sshAddress: "fe80::1" }],
    [{ "machine-id": undefined }, { machineId: "" }],
    [{ "machine-id": "uninitialized" }, { machineId: "" }],
    [{ "os.PRETTY_NAME": undefined }, { osName: "debian 12" }],
    [
      { "os.VERSION_ID": undefined, "os.PRETTY_NAME": undefined },
      { osName: "debian", osVersion: "" },
    ],
    [{ "os.ID": undefined }, { osId: "linux" }],
    [{ "os.ID_LIKE": '"rhel  centos fedora"' }, { osLike: ["rhel", "centos", "fedora"] }],
    [{ hostname: "lab\u001b[2J" }, { hostname: "lab?[2J" }],
    [{ selinux: "enforcing" }, { selinux: "enforcing" }],
  ])("%j", (change, expected) => expect(parse(change)).toMatchObject(expected));
});

describe("the clock", () => {
  test.each([
    ["1000", 0],
    ["999", 0],
    ["1002", 0],
    ["990", -9],
    ["1012", 10],
  ])("a node that says %s, asked at 1000, answered at 1002.5", (clock, expected) =>
    // The node's clock is cut to seconds, so one second of doubt is in its favour.
    expect(parse({ clock }).clockOffset).toBe(expected),
  );
});

describe("what cannot be", () => {
  test.each([
    [{ kernel: "6.1; reboot" }, "kernel"],
    [{ architecture: "x86\u001b[2J" }, 'architecture is "x86?[2J"'],
    [{ "package-manager": "pip" }, "must be one of apt, dnf, none"],
    [{ cgroup: undefined }, "cgroup"],
    [{ selinux: "maybe" }, "selinux"],
    [{ "ssh-zone": "public zone" }, "ssh-zone"],
    [{ "ssh-zone": "" }, "ssh-zone"],
    [{ clock: "soon" }, "clock"],
    [{ init: "runit" }, "init"],
  ])("%j", (change, message) => expect(() => parse(change)).toThrow(message));

  test.each([
    [["file=1 other", "file=2 absent"], "/etc/fstab is not a regular file"],
    [["file=2 absent"], "did not answer whether it has /etc/fstab"],
    [
      [`file=1 content ${Buffer.alloc(1024 * 1024 + 1).toString("base64")}`, "file=2 absent"],
      "larger than 1048576",
    ],
  ])("files %#", (lines, message) => expect(() => parse({}, lines)).toThrow(message));

  test("a file that is only looked at is absent where it cannot be read", () => {
    const large = Buffer.alloc(1024 * 1024 + 1).toString("base64");
    const said = ["file=1 content eA==", "file=2 other", `file=3 content ${large}`, "file=4 content eQ=="];
    const { files: found } = parseFacts(factsOutput({}, said), {
      ...{ packages: [], files: ["/etc/a"], glances: ["/etc/b", "/etc/c", "/etc/d"] },
      ...{ sent: 0, received: 1e12 },
    });
    expect(Object.entries(found).map(([path, one]) => [path, one?.content])).toEqual([
      ...[
        ["/etc/a", "x"],
        ["/etc/b", undefined],
        ["/etc/c", undefined],
      ],
      ["/etc/d", "y"],
    ]);
    const missing = { packages: [], files: [], glances: ["/etc/b"], sent: 0, received: 1e12 };
    expect(() => parseFacts(factsOutput({}, []), missing)).toThrow("did not answer whether it has /etc/b");
  });

  test("millions of lines of one name hold nobody up", () => {
    const many = Array.from({ length: 300_000 }, () => "x");
    const begin = Date.now();
    expect(parse({}, [...files, ...many]).osId).toBe("debian");
    expect(Date.now() - begin).toBeLessThan(3000);
  });

  test("more ports of sshd than there can be", () => {
    const ports = Array.from({ length: 64 }, (_, index) => `ssh-port=${2200 + index}`);
    expect(() => parse({}, [...files, ...ports])).toThrow("said to listen on 65 ports, at most 64 can be");
  });

  test("an answer without beginning or end", () => {
    expect(() => parseFacts("", question)).toThrow("do not begin");
    expect(() => parseFacts(factsOutput({ clock: "1" }).replace("end=1", ""), question)).toThrow("break off");
    expect(hasFacts("sh: 1: base64: not found\n")).toBe(false);
  });

  test.each([
    "ssh-port=0",
    "ssh-port=65536",
    "ssh-port=-1",
    "ssh-port=22x",
    "ssh-port=2.5",
    "package.installed=containerd $(id)",
  ])("%s is left out", (line) => {
    const facts = parse({}, [...files, line]);
    expect(facts.sshPorts).toEqual([22]);
    expect(facts.packages["containerd"]).toEqual({});
  });

  test("whatever a node says is read or refused in words, with nothing a terminal acts on", () => {
    const line = fc.tuple(
      fc.constantFrom("hostname", "kernel", "os.ID", "ssh-zone", "file"),
      fc.string({ unit: "binary" }),
    );
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        try {
          const { osId, osName, kernel, hostname, sshZone } = parse(
            Object.fromEntries(lines.map(([name, value]) => [name, value.replaceAll("\n", "")])),
          );
          return !/[\u0000-\u001f\u007f-\u009f]/.test([osId, osName, kernel, hostname, sshZone].join(""));
        } catch (error) {
          return error instanceof Error && !/[\u0000-\u001f\u007f-\u009f]/.test(error.message);
        }
      }),
    );
  });
});

describe("a value of os-release", () => {
  test.each([
    ["debian", "debian"],
    ['"Debian GNU/Linux 12"', "Debian GNU/Linux 12"],
    ["'single $HOME'", "single $HOME"],
    ['"a \\"quoted\\" \\$word \\\\ \\n"', 'a "quoted" $word \\ \\n'],
    ["un\\ quoted", "un quoted"],
    ["two words", "two"],
    ["\"a\"'b'c", "abc"],
    ["$(reboot)", "$(reboot)"],
    ["`id`", "`id`"],
    ['"open', "open"],
    ["", ""],
  ])("%j", (text, expected) => expect(unquote(text)).toBe(expected));
});
