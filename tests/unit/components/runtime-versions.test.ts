import { checkVersions, type Versions } from "../../../components/container-runtime/version-checks";
import { versionRules } from "../../../components/container-runtime/versions";
import { isOlder } from "../../../plan/version-order";

const check = (versions: Versions, kubernetesVersion = "1.34.2") =>
  checkVersions(versions, { kubernetesVersion });

describe("the table of versions", () => {
  it("has a source and a limit that can be read in every row", () => {
    for (const { source, below = "9999.0", from = "0.0" } of versionRules) {
      expect(source).toMatch(/^https:\/\//);
      expect(isOlder(from, below)).toBe(true);
    }
  });

  it.each<[Versions, RegExp]>([
    [
      { docker: "18.06.1~ce~3-0~ubuntu" },
      /^docker 18\.06\.1.*CVE-2019-5736.*Kubernetes 1\.34\.2 use docker 18\.06\.2 or newer/,
    ],
    [{ docker: "5:18.09.1~3-0~debian" }, /CVE-2019-5736/],
    [{ docker: "20.10.24+dfsg1-1", "cri-dockerd": "0.3.12" }, /API 1\.42.*cri-dockerd 0\.3\.11/],
    [{ docker: "5:29.1.2-1~debian.12", "cri-dockerd": "0.3.15" }, /API 1\.43.*cri-dockerd 0\.3\.16 or later/],
    [{ runc: "1.0.0~rc6+dfsg1-3" }, /^runc 1\.0\.0~rc6.*use runc 1\.0\.0-rc7 or newer/],
    [{ containerd: "1.5.9-0ubuntu1" }, /CRI v1.*containerd 1\.6 or newer/],
  ])("refuses %j", (versions, sentence) => {
    expect(check(versions).refused).toEqual([expect.stringMatching(sentence)]);
  });

  it.each<Versions>([
    { docker: "18.06.2~ce~3-0~ubuntu" },
    { docker: "5:18.09.2~3-0~debian" },
    { docker: "20.10.24+dfsg1-1", "cri-dockerd": "0.3.11" },
    { docker: "5:28.5.1-1~debian", "cri-dockerd": "0.3.21.3-0~debian" },
    { runc: "1.0.0-rc7" },
    { runc: "1.3.3" },
    { runc: "1.0.0~rc93+ds1-5+deb11u3" },
    { runc: "1.1.5+ds1-1+deb12u1" },
    { runc: "4:1.1.12-1.el9" },
    { containerd: "1.6.20~ds1-1+deb12u3", docker: undefined },
    { runc: "unknown" },
  ])("has nothing against %j", (versions) => expect(check(versions).refused).toEqual([]));

  it.each<[string, string, "refused" | "warned" | "nothing"]>([
    ["5:29.1.2-1~debian.12", "1.23.17", "refused"],
    ["5:29.1.2-1~debian.12", "1.20.15", "refused"],
    ["5:28.5.1-1~debian", "1.23.17", "warned"],
    ["20.10.24+dfsg1-1", "1.20.15", "warned"],
    ["20.10.24+dfsg1-1", "1.21.14", "nothing"],
    ["5:19.03.15~3-0~ubuntu", "1.20.15", "nothing"],
    ["unknown", "1.23.17", "nothing"],
    ["5:29.1.2-1~debian.12", "1.24.17", "nothing"],
  ])("knows what dockershim is for: Docker %s with Kubernetes %s is %s", (docker, version, verdict) => {
    const { refused, warned } = check({ docker }, version);
    expect(refused.length > 0 ? "refused" : warned.length > 0 ? "warned" : "nothing").toBe(verdict);
    expect([...refused, ...warned].length).toBe(verdict === "nothing" ? 0 : 1);
  });

  it("says of a Docker that is too new which one would do", () =>
    expect(check({ docker: "29.0.0" }, "1.23.17").refused).toEqual([
      "docker 29.0.0 answers from API 1.44 on only, and dockershim asks for 1.41 or older; with Kubernetes 1.23.17 use docker 20.10",
    ]));

  it("warns of containerd 1.x from Kubernetes 1.36 on", () => {
    expect(check({ containerd: "1.7.28" }, "1.35.0").warned).toEqual([]);
    expect(check({ containerd: "1.7.28" }, "1.36.0").warned).toEqual([
      "containerd 1.7.28 is of the 1.x series, which Kubernetes supports up to 1.35, and which the kubelet is to refuse from 1.38 on; with Kubernetes 1.36.0 use containerd 2.0 or newer: runtime.source docker or release, or a distribution that has it (Debian 14, Ubuntu 22.04 with its updates)",
    ]);
  });
});
