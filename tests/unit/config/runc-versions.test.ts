import { openIn, runcFixes } from "../../../config/runc-versions";
import { compareVersions } from "../../../plan/version-order";

describe("runc's versions", () => {
  test.each([
    ["1.0.0-rc6", "CVE-2019-5736"],
    ["0.1.1", "CVE-2019-5736"],
    ["1.0.0-rc7", "CVE-2024-21626"],
    ["1.0.3", "CVE-2024-21626"],
    ["1.1.11", "CVE-2024-21626"],
    ["1.1.12", "CVE-2025-31133"],
    ["1.2.7", "CVE-2025-31133"],
    ["1.3.2", "CVE-2025-31133"],
    ["1.4.0-rc.2", "CVE-2025-31133"],
    ["no version", "CVE-2019-5736"],
  ])("%s lets containers out: %s", (version, cve) => {
    expect(openIn(version)?.cve).toContain(cve);
  });

  test.each(["1.2.8", "1.2.10", "1.3.3", "1.4.0-rc.3", "1.4.0", "1.10.0", "2.0.0"])(
    "%s does not",
    (version) => {
      expect(openIn(version)).toBeUndefined();
    },
  );

  test("have a source each, and fixes in order", () => {
    for (const { fixed, source } of runcFixes) {
      expect(source).toMatch(/^https:/);
      expect([...fixed].sort(compareVersions)).toEqual(fixed);
    }
  });
});
