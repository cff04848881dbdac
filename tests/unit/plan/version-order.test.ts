import { compareVersions, isOlder } from "../../../plan/version-order";

describe("versions", () => {
  test("are compared as numbers", () => {
    expect(compareVersions("1.10.0", "1.9.9")).toBeGreaterThan(0);
    expect(compareVersions("1.0.0-rc10", "1.0.0-rc7")).toBeGreaterThan(0);
    expect(compareVersions("1.0.0", "1.0.0-rc93")).toBeGreaterThan(0);
    expect(compareVersions("1.3.3", "v1.3.3")).toBe(0);
  });

  test.each([
    ["9", "11", true],
    ["11", "11", false],
    ["11.2", "11", false],
    ["20.04", "20.10", true],
    ["22", "20.04", false],
    ["20", "20.04", true],
    ["", "11", false],
    ["rolling", "11", false],
    ["5:18.09.1~3-0~debian", "18.09.2", true],
    ["1.0.0~rc6+dfsg1-3", "1.0.0-rc7", true],
    ["1.4.0-rc.2", "1.4.0-rc.3", true],
    ["5.10.0-39-cloud-amd64", "5.13", true],
    ["5.14.0-503.el9.x86_64", "5.13", false],
  ])("%j older than %s: %s", (version, other, expected) => expect(isOlder(version, other)).toBe(expected));
});
