import { archive, binary, downloaded, downloadTools } from "../../../plan/downloads";
import { encodeRequirements, type Requirement } from "../../../plan/requirement";

const sha256 = "0123456789abcdef".repeat(4);
const source = { url: "https://example.org/v1/tool.amd64", sha256 };

describe("what is downloaded, as requirements", () => {
  test.each([
    [
      binary("/usr/local/bin/tool", source),
      `download /usr/local/bin/tool mode=0755 owner=root:root sha256=${sha256} url=${source.url}\n`,
    ],
    [
      binary("/usr/local/bin/tool", source, { mode: "0750", owner: "root:adm" }),
      `download /usr/local/bin/tool mode=0750 owner=root:adm sha256=${sha256} url=${source.url}\n`,
    ],
    [
      archive("cni-plugins", "/opt/cni/bin", source),
      `download cni-plugins into=/opt/cni/bin owner=root:root sha256=${sha256} url=${source.url}\n`,
    ],
    [
      archive("tools", "/bin", source, { from: "bin", members: ["a", "deep/b"], owner: "bin:bin" }),
      `download tools into=/bin owner=bin:bin from=bin members=a,deep/b sha256=${sha256} url=${source.url}\n`,
    ],
    [
      binary("/usr/local/bin/tool", { ...source, version: "1.34.2" }),
      `download /usr/local/bin/tool mode=0755 owner=root:root sha256=${sha256} version=1.34.2 url=${source.url}\n`,
    ],
    [
      archive("tools", "/bin", { file: "/home/me/tools.tgz", sha256, version: "1.34.0-rc.1" }),
      `download tools into=/bin owner=root:root sha256=${sha256} version=1.34.0-rc.1 url=pushed:tools.tgz\n`,
    ],
  ])("are one line", (requirement, line) => {
    expect(encodeRequirements([requirement])).toBe(line);
  });

  test.each([
    [{ url: "ftp://example.org/x", sha256 }, "must be a URL that begins with https://"],
    [{ url: "https://exa mple.org/x", sha256 }, "must be a URL that begins with https://"],
    [{ url: "https://example.org/x'$(id)", sha256 }, "must be a URL that begins with https://"],
    [{ url: "https://me:secret@exa mple.org/x", sha256 }, "must be a URL that begins with https://"],
    [{ url: "https:///", sha256 }, "must be a URL that begins with https://"],
    [{ url: "https://me:secret@example.org/x", sha256 }, "the URL of example.org holds a user or password"],
    [{ ...source, sha256: sha256.toUpperCase() }, "must be 64 hexadecimal digits"],
    [{ ...source, sha256: "abc" }, "must be 64 hexadecimal digits"],
    [{ ...source, version: "1.34.2 mode=6755" }, "must be letters, digits, dots, dashes and the like"],
    [{ ...source, version: "" }, "must be letters, digits, dots, dashes and the like"],
  ])("are refused from %j, without a secret in the error", (wrong, message) => {
    expect(() => binary("/usr/local/bin/tool", wrong)).toThrow(message);
    expect(() => archive("tool", "/opt", wrong)).toThrow(message);
    expect(() => binary("/usr/local/bin/tool", wrong)).not.toThrow("secret");
  });

  test.each([
    [() => binary("bin/tool", source), "must be an absolute path"],
    [() => binary("/bin/tool", source, { mode: "u+x" }), "must be three or four octal digits"],
    [() => archive("two words", "/opt", source), "must be a word"],
    [() => archive("tools", "/opt/my tools", source), "must hold no space"],
    [() => archive("tools", "/opt/../etc", source), "must be an absolute path"],
    [() => archive("tools", "/opt", source, { members: ["../etc/passwd"] }), "must be a plain path"],
    [() => archive("tools", "/opt", source, { from: "/bin" }), "must be a plain path"],
  ])("are refused where they are not plain", (make, message) => {
    expect(make).toThrow(message);
  });

  test("need tools only where there are none", () => {
    expect(encodeRequirements(downloadTools())).toContain("package curl version=any unless=curl,wget\n");
  });

  test("need nothing to fetch with where they are pushed, and archives something to unpack with", () => {
    const pushed = { file: "bin/tool", sha256: source.sha256 };
    const names = (...requirements: readonly Requirement[]) => downloaded(requirements).map(({ key }) => key);
    const program = binary("/usr/local/bin/tool", pushed);
    expect(names(program)).toEqual(["/usr/local/bin/tool"]);
    expect(names(program, archive("tools", "/opt", pushed))).toEqual([
      ...["tar", "gzip"],
      ...["/usr/local/bin/tool", "tools"],
    ]);
    expect(names(program, archive("tools", "/opt", source)).slice(0, 4)).toEqual(
      downloadTools().map(({ key }) => key),
    );
  });
});
