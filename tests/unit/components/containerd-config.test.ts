import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "smol-toml";
import {
  containerdConfig,
  type ContainerdConfig,
} from "../../../components/container-runtime/containerd-config";

const golden = (name: string): string => readFileSync(join(__dirname, "golden", name), "utf8");
const config = (version: string, other: Partial<ContainerdConfig> = {}): string => {
  const [major, minor] = version.split(".").map(Number);
  return containerdConfig({
    version: { major: major!, minor: minor! },
    cgroupDriver: "systemd",
    sandboxImage: "registry.k8s.io/pause:3.10.1",
    ...other,
  });
};

describe("containerd's config.toml", () => {
  it.each([
    ["1.6", "containerd-1.6.toml"],
    ["1.7", "containerd-1.6.toml"],
    ["2.0", "containerd-2.0.toml"],
    ["2.1", "containerd-2.1.toml"],
    ["2.2", "containerd-2.1.toml"],
  ])("of version %s is %s", (version, name) => expect(config(version)).toBe(golden(name)));

  it("says which cgroup driver is meant, in both schemas", () => {
    for (const version of ["1.7", "2.1"]) {
      expect(config(version)).toContain("SystemdCgroup = true\n");
      expect(config(version, { cgroupDriver: "cgroupfs" })).toContain("SystemdCgroup = false\n");
    }
  });

  it("never disables the CRI plugin", () => {
    for (const version of ["1.6", "2.0", "2.2"])
      expect(parse(config(version))).toMatchObject({ disabled_plugins: [] });
  });

  it("quotes what config says", () => {
    const sandboxImage = 'registry.example/pause:"3"\\x';
    expect(JSON.stringify(parse(config("1.7", { sandboxImage })))).toContain(JSON.stringify(sandboxImage));
  });
});
