import fc from "fast-check";
import {
  directory,
  fstabWithoutSwap,
  kernelModule,
  noActiveSwap,
  pkg,
  selinuxMode,
  service,
  sysctl,
} from "../../../plan/kinds";
import { encodeKey, encodeRequirements, requirementName, type Requirement } from "../../../plan/requirement";

test.each<[Requirement, string]>([
  [kernelModule("overlay"), "module overlay loaded\n"],
  [sysctl("net.ipv4.ip_forward", "1"), "sysctl net.ipv4.ip_forward = 1\n"],
  [
    sysctl("fs.inotify.max_user_watches", "524288", { atLeast: true }),
    "sysctl fs.inotify.max_user_watches >= 524288\n",
  ],
  [fstabWithoutSwap(), "fstab /etc/fstab without swap\n"],
  [noActiveSwap(), "swap all off\n"],
  [selinuxMode("permissive"), "selinux mode permissive\n"],
  [pkg("containerd"), "package containerd version=any\n"],
  [
    pkg("firewalld", { version: "1.3.3-1", hold: true, quietUnits: ["firewalld.service"] }),
    "package firewalld version=1.3.3-1 hold quiet=firewalld.service\n",
  ],
  [service("containerd.service"), "service containerd.service enabled active\n"],
  [
    service("containerd.service", { restartAfter: ["file:/etc/containerd/config.toml"] }),
    "service containerd.service enabled active restart-after=file:/etc/containerd/config.toml\n",
  ],
  [
    service("a.socket", {
      restartAfter: ["file:/a", "file:/b"],
      reloadAfter: ["file:/c"],
      listens: "/run/a.sock",
    }),
    "service a.socket enabled active restart-after=file:/a,file:/b reload-after=file:/c listens=/run/a.sock\n",
  ],
  [directory("/etc/my dir"), "directory /etc/my%20dir mode=0755 owner=root:root\n"],
  [
    { kind: "file", key: "/a", value: "mode=0644", body: "one\n\n  |two" },
    "file /a mode=0644\n  |one\n  |\n  |  |two\n",
  ],
])("%j travels as one header line and its body", (requirement, text) => {
  expect(encodeRequirements([requirement])).toBe(text);
});

describe("keys", () => {
  test("are one word of a few characters, and different for different keys", () => {
    const key = fc.string({ unit: "binary", minLength: 1 });
    fc.assert(
      fc.property(key, key, (a, b) => {
        expect(encodeKey(a)).toMatch(/^[A-Za-z0-9_.:@/+=,*%-]+$/);
        expect(decodeURIComponent(encodeKey(a))).toBe(a);
        expect(encodeKey(a) === encodeKey(b)).toBe(a === b);
      }),
    );
  });

  test("name a requirement by kind and key", () => {
    expect(requirementName(kernelModule("a b"))).toBe("module:a%20b");
  });
});

/** Reads the wire format back, as its description has it. */
function decode(text: string): readonly Requirement[] {
  const found: { kind: string; key: string; value: string; body?: string }[] = [];
  for (const line of text.split("\n").slice(0, -1)) {
    const last = found.at(-1);
    if (line.startsWith("  |") && last !== undefined) {
      last.body = last.body === undefined ? line.slice(3) : `${last.body}\n${line.slice(3)}`;
      continue;
    }
    const [, kind = "", key = "", value = ""] = /^(\S+) (\S+) ([^]*)$/.exec(line) ?? [];
    found.push({ kind, key: decodeURIComponent(key), value });
  }
  return found;
}

describe("requirements", () => {
  const clean = fc.string({ unit: "binary" }).map((text) => text.replaceAll("\0", ""));
  const requirement: fc.Arbitrary<Requirement> = fc
    .record({
      kind: fc.stringMatching(/^[a-z_]{1,9}$/),
      key: fc.string({ unit: "binary", minLength: 1 }),
      value: clean.map((text) => text.replace(/[\n\r]/g, "")),
      body: fc.option(fc.array(clean).map((lines) => lines.join("\n"))),
    })
    .map(({ body, ...rest }) => (body === null ? rest : { ...rest, body }));

  test("come back as they were, whatever is in them", () => {
    fc.assert(
      fc.property(fc.array(requirement), (list) => {
        expect(decode(encodeRequirements(list))).toEqual(list);
      }),
    );
  });

  const good = { kind: "file", key: "/a", value: "x" };
  test.each<[Requirement, string]>([
    [{ ...good, kind: "File" }, 'requirement kind "File" is not a name'],
    [{ ...good, kind: "file\nx" }, "is not a name"],
    [{ ...good, kind: "" }, "is not a name"],
    [{ ...good, value: "x\ny" }, "file:/a: its value holds a character that cannot be sent"],
    [{ ...good, value: "x\ry" }, "file:/a: its value"],
    [{ ...good, value: "x\0" }, "file:/a: its value"],
    [{ ...good, body: "x\0" }, "file:/a: its body holds a character that cannot be sent"],
  ])("%j is refused", (bad, message) => {
    expect(() => encodeRequirements([good, bad])).toThrow(message);
  });
});
